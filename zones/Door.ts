import { sourceOf, termination, WaitingRoom } from '#kernel/index.ts';
import type { Participant } from './Participant.ts';

/** However they came; each costs some memory until it is in. */
const arrivalLimits = { total: 2000, perSource: 500 } as const;
/** A phone that is asked by voice has a leg, and so up to two media ports. */
const portsOfPhone = 2;
const fewestPhones = 10;

/**
 * All who have come and are in no room yet, of a whole zone: they have shown nothing, so they take nobody’s place. Too many of one source put out
 * their own first.
 */
export class Door {
  readonly #arrivals: WaitingRoom<Participant>;
  readonly #heldPhones: WaitingRoom<Participant>;

  /** `ports`: of the zone’s phones. */
  constructor(ports: { readonly min: number; readonly max: number }) {
    const legs = Math.floor((ports.max - ports.min + 1) / portsOfPhone);
    const most = (share: number): number => Math.max(fewestPhones, Math.floor(legs * share));
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
