import { silenceDb } from './level.ts';

/** A leg as the selection sees it. The leg keeps the fields; only the selection writes all but `levelDb`. */
export interface Candidate {
  /** Of this tick. A muted leg has -127. */
  levelDb: number;
  talking: boolean;
  smoothedDb: number;
  /** Since it became a talker. */
  talkingTicks: number;
  /** Since it was last loud enough to stay one. */
  quietTicks: number;
}

export const newCandidate = {
  levelDb: silenceDb,
  talking: false,
  smoothedDb: -70,
  talkingTicks: 0,
  quietTicks: 0,
} as const satisfies Candidate;

/** The noise floor: what is under it is not heard. A talker stays one a little below, and for a while in pauses. */
const enterDb = -50;
const stayDb = -56;
const pauseTicks = 40;
const floorDb = -70;
const attack = 0.4;
const release = 0.06;
/** A newcomer must be so much louder than the weakest talker, and that one must have had its time. */
const replaceDb = 6;
const leastTalkingTicks = 25;
/** Two talkers change ranks when one is so much louder. */
const rankDb = 4;

/** Who of a conference is heard: the loudest, at most `maxTalkers`, without flapping. */
export class TalkerSelection<T extends Candidate> {
  /** Loudest first; the first `count` of it are the talkers. */
  readonly talkers: (T | undefined)[];
  count = 0;

  constructor(maxTalkers: number) {
    this.talkers = new Array<T | undefined>(maxTalkers).fill(undefined);
  }

  /** Takes the levels of this tick into account. True when the list or its order changed. */
  update(candidates: readonly T[]): boolean {
    let changed = this.#dismiss();
    let loudest: T | undefined;
    for (const candidate of candidates) {
      smooth(candidate);
      if (candidate.talking || candidate.levelDb < enterDb) continue;
      if (this.count < this.talkers.length) {
        this.#enter(candidate);
        changed = true;
      } else if (loudest === undefined || candidate.smoothedDb > loudest.smoothedDb) loudest = candidate;
    }
    if (loudest !== undefined && this.#replaceWeakest(loudest)) changed = true;
    return this.#rank() || changed;
  }

  /** Takes out a leg that is gone. */
  remove(candidate: T): boolean {
    for (let index = 0; index < this.count; index += 1) {
      if (this.talkers[index] !== candidate) continue;
      this.#leave(index);
      return true;
    }
    return false;
  }

  #dismiss(): boolean {
    let changed = false;
    for (let index = this.count - 1; index >= 0; index -= 1) {
      const talker = this.talkers[index];
      if (talker === undefined) continue;
      talker.talkingTicks += 1;
      talker.quietTicks = talker.levelDb > stayDb ? 0 : talker.quietTicks + 1;
      if (talker.quietTicks <= pauseTicks) continue;
      this.#leave(index);
      changed = true;
    }
    return changed;
  }

  #enter(candidate: T): void {
    candidate.talking = true;
    candidate.talkingTicks = 0;
    candidate.quietTicks = 0;
    this.talkers[this.count] = candidate;
    this.count += 1;
  }

  #leave(index: number): void {
    const leaving = this.talkers[index];
    if (leaving !== undefined) leaving.talking = false;
    for (let next = index; next < this.count - 1; next += 1) this.talkers[next] = this.talkers[next + 1];
    this.count -= 1;
    this.talkers[this.count] = undefined;
  }

  #replaceWeakest(candidate: T): boolean {
    let weakest = -1;
    let weakestDb = Infinity;
    for (let index = 0; index < this.count; index += 1) {
      const talker = this.talkers[index];
      if (talker === undefined || talker.smoothedDb >= weakestDb) continue;
      weakest = index;
      weakestDb = talker.smoothedDb;
    }
    const talker = this.talkers[weakest];
    if (talker === undefined || candidate.smoothedDb < weakestDb + replaceDb) return false;
    if (talker.quietTicks === 0 && talker.talkingTicks < leastTalkingTicks) return false;
    this.#leave(weakest);
    this.#enter(candidate);
    return true;
  }

  /** One pass: neighbours change places where the lower one is clearly louder. */
  #rank(): boolean {
    let changed = false;
    for (let index = this.count - 1; index > 0; index -= 1) {
      const lower = this.talkers[index];
      const upper = this.talkers[index - 1];
      if (lower === undefined || upper === undefined || lower.smoothedDb < upper.smoothedDb + rankDb)
        continue;
      this.talkers[index] = upper;
      this.talkers[index - 1] = lower;
      changed = true;
    }
    return changed;
  }
}

function smooth(candidate: Candidate): void {
  const levelDb = Math.max(floorDb, candidate.levelDb);
  const share = levelDb > candidate.smoothedDb ? attack : release;
  candidate.smoothedDb += (levelDb - candidate.smoothedDb) * share;
}
