import { sourceOf, termination, WaitingRoom } from '#kernel/index.ts';
import type { ZoneConfig } from './config/schema.ts';
import type { Participant } from './Participant.ts';

/** However they came; each costs some memory until it is in. */
const arrivalLimits = { total: 2000, perSource: 500 } as const;
/** A phone that is asked by voice has a leg: RTP and RTCP of its audio, and of its video. */
const portsOfPhone = { audio: 2, video: 4 } as const;
const fewestPhones = 10;

/**
 * All who have come and are in no room yet, of a whole zone: they have shown nothing, so they take nobody’s place. Too many of one source put out
 * their own first.
 */
export class Door {
  readonly #arrivals: WaitingRoom<Participant>;
  readonly #heldPhones: WaitingRoom<Participant>;

  constructor({ ports, video }: Pick<ZoneConfig['media'], 'ports' | 'video'>) {
    const each = video.enabled ? portsOfPhone.video : portsOfPhone.audio;
    const legs = Math.floor((ports.max - ports.min + 1) / each);
    const most = (share: number): number => Math.min(legs, Math.max(fewestPhones, Math.floor(legs * share)));
    const putOut = (participant: Participant): void =>
      participant.end(termination('busy', 'too many from one place who were not in yet'));
    this.#arrivals = new WaitingRoom(arrivalLimits, putOut);
    this.#heldPhones = new WaitingRoom({ total: most(0.75), perSource: most(0.25) }, putOut);
  }

  enter(participant: Participant): void {
    this.#arrivals.enter(sourceOfCall(participant), participant);
  }

  /** A phone that is asked by voice, outside of the room. */
  hold(participant: Participant): void {
    this.#heldPhones.enter(sourceOfCall(participant), participant);
  }

  /** He is in, or gone. */
  leave(participant: Participant): void {
    this.#arrivals.leave(participant);
    this.#heldPhones.leave(participant);
  }
}

function sourceOfCall({ visitor }: Participant): string {
  return sourceOf(visitor.call.origin.remoteAddress);
}
