import { audioCodecNames, type AudioCodecName } from '#kernel/index.ts';
import type { OutgoingPackets } from '../rtp/outgoing.ts';
import type { AudioLeg } from './AudioLeg.ts';
import { mixFrameSamples } from './codecs.ts';
import { Limiter } from './limiter.ts';
import { MixEncoder } from './MixEncoder.ts';
import type { MixPool, OwnMix } from './MixPool.ts';
import { TalkerSelection } from './talkers.ts';

/** A list of speakers that changes all the time helps nobody. */
const ticksBetweenReports = 5;

/** Frames that all conferences of a thread use in turn. */
export interface MixFrames {
  readonly sum: Int32Array;
  readonly rest: Int32Array;
  readonly pcm: Int16Array;
}

export function createMixFrames(): MixFrames {
  return {
    sum: new Int32Array(mixFrameSamples),
    rest: new Int32Array(mixFrameSamples),
    pcm: new Int16Array(mixFrameSamples),
  };
}

export interface ConferenceResources {
  readonly maxTalkers: number;
  readonly frames: MixFrames;
  readonly pool: MixPool;
  readonly onSpeaking: (conferenceId: string, legIds: readonly string[]) => void;
  /** Encodes of the tick that runs. */
  readonly encodes: Record<AudioCodecName, number>;
}

/** The legs that hear each other: everyone hears everyone but himself. */
export class AudioConference {
  readonly id: string;
  readonly #resources: ConferenceResources;
  readonly #legs: AudioLeg[] = [];
  readonly #selection: TalkerSelection<AudioLeg>;
  readonly #limiter = new Limiter();
  readonly #shared: Record<AudioCodecName, MixEncoder | undefined> = {
    opus: undefined,
    G722: undefined,
    PCMA: undefined,
    PCMU: undefined,
  };
  #audible = 0;
  #reportDue = false;
  #ticksToReport = 0;

  constructor(id: string, resources: ConferenceResources) {
    this.id = id;
    this.#resources = resources;
    this.#selection = new TalkerSelection(resources.maxTalkers);
  }

  get empty(): boolean {
    return this.#legs.length === 0;
  }

  add(leg: AudioLeg): void {
    this.#legs.push(leg);
    this.changed(leg);
  }

  /** The leg's codec, loss or mute changed, it was held or let in, or something is played to it. */
  changed(leg: AudioLeg): void {
    const { codec } = leg.config;
    if (leg.silenced && this.#selection.remove(leg)) this.#reportDue = true;
    if (leg.ownMix !== undefined && leg.ownMix.encoder.codec !== codec) this.#giveBack(leg);
    leg.ownMix?.encoder.setLoss(leg.loss);
    // Who is held or played to hears alone for long: a mix is made for it now, and not in a tick.
    if (leg.hearsAlone) this.#ownMixOf(leg);
    if (leg.config.inbound !== undefined) this.#resources.pool.prepare(codec);
    this.#adjustShared();
  }

  remove(leg: AudioLeg): void {
    const index = this.#legs.indexOf(leg);
    if (index === -1) return;
    this.#legs.splice(index, 1);
    if (this.#selection.remove(leg)) this.#reportDue = true;
    this.#giveBack(leg);
    this.#adjustShared();
  }

  close(): void {
    for (const leg of this.#legs) this.#giveBack(leg);
    this.#legs.length = 0;
    this.#adjustShared();
  }

  /** Listens, mixes, encodes and writes one packet for each leg. */
  tick(nowMs: number, out: OutgoingPackets): void {
    const legs = this.#legs;
    for (const leg of legs) leg.listen(nowMs);
    if (this.#selection.update(legs)) this.#reportDue = true;
    this.#sumUp(nowMs);
    this.#encodeShared();
    for (const leg of legs) this.#write(leg, out);
    this.#report();
  }

  skip(ticks: number): void {
    for (const leg of this.#legs) leg.outbound.skip(ticks);
  }

  /** An encoder for each codec in use, and FEC for whoever hears worst. */
  #adjustShared(): void {
    for (const codec of audioCodecNames) {
      const listeners = this.#legs.filter((leg) => leg.config.codec === codec);
      if (listeners.length === 0) {
        this.#shared[codec]?.close();
        this.#shared[codec] = undefined;
        continue;
      }
      const encoder = (this.#shared[codec] ??= new MixEncoder(codec));
      encoder.setLoss(Math.max(...listeners.map((leg) => leg.loss)));
    }
  }

  #sumUp(nowMs: number): void {
    const { sum } = this.#resources.frames;
    this.#audible = 0;
    for (const leg of this.#legs) {
      leg.speak(nowMs);
      if (!leg.audible) continue;
      if (this.#audible === 0) sum.fill(0);
      this.#audible += 1;
      const { pcm } = leg;
      for (let sample = 0; sample < sum.length; sample += 1) {
        sum[sample] = (sum[sample] ?? 0) + (pcm[sample] ?? 0);
      }
    }
    if (this.#audible === 0) sum.fill(0);
  }

  /** One encode per codec for all who hear the same. */
  #encodeShared(): void {
    const { frames, encodes } = this.#resources;
    this.#limiter.process(frames.sum, frames.pcm);
    for (const codec of audioCodecNames) {
      const encoder = this.#shared[codec];
      if (encoder === undefined || !this.#hasListener(codec)) continue;
      if (encoder.encode(frames.pcm, this.#audible === 0)) encodes[codec] += 1;
    }
  }

  /** A codec that only talkers use needs no shared encode. */
  #hasListener(codec: AudioCodecName): boolean {
    for (const leg of this.#legs) if (!leg.hearsAlone && leg.config.codec === codec) return true;
    return false;
  }

  #write(leg: AudioLeg, out: OutgoingPackets): void {
    if (leg.hearsAlone) {
      this.#encodeOwn(leg);
      leg.settle();
    } else if (leg.ownMix !== undefined) this.#giveBack(leg);
    const encoder = leg.ownMix?.encoder ?? this.#shared[leg.config.codec];
    if (encoder !== undefined) leg.outbound.write(out, encoder.payload, encoder.length);
  }

  /** All but the leg itself, or nothing of the room; what is played to it is over that. */
  #encodeOwn(leg: AudioLeg): void {
    const { frames, encodes } = this.#resources;
    const { limiter, encoder } = this.#ownMixOf(leg);
    const { rest, pcm } = frames;
    const silent = !this.#mixFor(leg, rest) && !leg.prompt.playing;
    leg.prompt.addTo(rest);
    limiter.process(rest, pcm);
    if (encoder.encode(pcm, silent)) encodes[encoder.codec] += 1;
  }

  #ownMixOf(leg: AudioLeg): OwnMix {
    if (leg.ownMix !== undefined) return leg.ownMix;
    const mix = this.#resources.pool.acquire(leg.config.codec);
    mix.encoder.setLoss(leg.loss);
    leg.ownMix = mix;
    return mix;
  }

  /** What this leg hears of the room. False when that is nothing. */
  #mixFor(leg: AudioLeg, into: Int32Array): boolean {
    if (leg.held) {
      into.fill(0);
      return false;
    }
    into.set(this.#resources.frames.sum);
    if (!leg.audible) return this.#audible > 0;
    const own = leg.pcm;
    for (let sample = 0; sample < into.length; sample += 1) {
      into[sample] = (into[sample] ?? 0) - (own[sample] ?? 0);
    }
    return this.#audible > 1;
  }

  #giveBack(leg: AudioLeg): void {
    if (leg.ownMix !== undefined) this.#resources.pool.release(leg.ownMix);
    leg.ownMix = undefined;
  }

  #report(): void {
    if (this.#ticksToReport > 0) this.#ticksToReport -= 1;
    if (!this.#reportDue || this.#ticksToReport > 0) return;
    this.#reportDue = false;
    this.#ticksToReport = ticksBetweenReports;
    const { talkers, count } = this.#selection;
    const ids = talkers.slice(0, count).flatMap((leg) => (leg === undefined ? [] : [leg.config.id]));
    this.#resources.onSpeaking(this.id, ids);
  }
}
