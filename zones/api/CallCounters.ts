import { Counter, type Registry } from 'prom-client';
import type { Termination } from '#kernel/index.ts';
import type { Call } from '#signaling/call.ts';
import type { CallObserver } from '../CallObserver.ts';

/** Counts what became of the zone's calls. */
export class CallCounters implements CallObserver {
  readonly #admitted: Counter<'protocol'>;
  readonly #refused: Counter<'protocol' | 'cause'>;
  readonly #ended: Counter<'protocol' | 'cause'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#admitted = new Counter({
      name: 'zonebridge_calls_admitted_total',
      help: 'Calls that were established.',
      labelNames: ['protocol'],
      registers,
    });
    this.#refused = new Counter({
      name: 'zonebridge_calls_refused_total',
      help: 'Calls that were refused, or ended before they were established.',
      labelNames: ['protocol', 'cause'],
      registers,
    });
    this.#ended = new Counter({
      name: 'zonebridge_calls_ended_total',
      help: 'Calls that were established and have ended.',
      labelNames: ['protocol', 'cause'],
      registers,
    });
    for (const protocol of ['sip', 'web']) this.#admitted.inc({ protocol }, 0);
  }

  admitted({ protocol }: Call): void {
    this.#admitted.inc({ protocol });
  }

  refused({ protocol }: Call, { cause }: Termination): void {
    this.#refused.inc({ protocol, cause });
  }

  ended({ protocol }: Call, { cause }: Termination): void {
    this.#ended.inc({ protocol, cause });
  }
}
