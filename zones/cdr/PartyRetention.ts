import type { ZoneConfig } from '../config/schema.ts';
import type { RecordEvent } from './contract.ts';

/** Which records are kept for a shorter time than the zone's, because their leg is of a partner with whom that was agreed. */
export class PartyRetention {
  readonly #days: ReadonlyMap<string, number>;
  /** Of legs that are open. */
  readonly #ofLegs = new Map<string, number>();

  constructor(partners: ZoneConfig['partners'] = []) {
    this.#days = new Map(
      partners.flatMap(({ name, retention_days: days }) => (days === undefined ? [] : [[name, days]])),
    );
  }

  /** In days; undefined: as the zone's. */
  of(event: RecordEvent): number | undefined {
    switch (event.type) {
      case 'leg-start': {
        const days = this.#days.get(event.leg.party);
        if (days !== undefined) this.#ofLegs.set(event.leg.legId, days);
        return days;
      }
      case 'attempt-refused':
        return this.#days.get(event.leg.party);
      case 'leg-update':
        return this.#ofLegs.get(event.legId);
      case 'leg-end': {
        const days = this.#ofLegs.get(event.legId);
        this.#ofLegs.delete(event.legId);
        return days;
      }
      default:
        return undefined;
    }
  }

  /** Of what a decision rested on. */
  ofDecision(request: unknown): number | undefined {
    if (typeof request !== 'object' || request === null || !('party' in request)) return undefined;
    return typeof request.party === 'string' ? this.#days.get(request.party) : undefined;
  }
}
