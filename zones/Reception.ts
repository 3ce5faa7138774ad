import { Closable, errorText, type Log, type Termination } from '#kernel/index.ts';
import type { ZoneMedia } from '#media/index.ts';
import type { Call } from '#signaling/call.ts';
import { decide } from './admission.ts';
import { terminationOf } from './causes.ts';
import { Conferences } from './Conferences.ts';
import type { ZoneConfig } from './config/schema.ts';

/** Where the calls of a zone arrive, whatever they came by: each is brought into its room or refused. */
export class Reception extends Closable {
  readonly #zone: ZoneConfig;
  readonly #log: Log;
  readonly #conferences: Conferences;
  #state: 'serving' | 'draining' = 'serving';

  constructor(zone: ZoneConfig, media: ZoneMedia, log: Log) {
    super();
    this.#zone = zone;
    this.#log = log;
    this.#conferences = this.own(new Conferences(zone, media, log));
  }

  get state(): 'serving' | 'draining' {
    return this.#state;
  }

  /** People in the room, those still joining included. */
  occupancy(room: string): number {
    return this.#conferences.occupancy(room);
  }

  /** Resolves when the call is established, refused, or has failed. Never rejects. */
  async take(call: Call): Promise<void> {
    const room = this.#zone.rooms.find(({ name }) => name === call.room);
    const decision = decide({ zoneState: this.#state, room, occupancy: this.occupancy(call.room) });
    if (!decision.admitted) return this.#refuse(call, decision.termination);
    try {
      // In the same turn as the decision, so that nobody else gets the place.
      await this.#conferences.of(decision.room).join(call);
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'a call could not be taken');
      await this.#refuse(call, terminationOf(error));
    }
  }

  /** Takes no new call from now on; those it has go on. */
  drain(): void {
    this.#state = 'draining';
  }

  /** Takes no new call, and ends those it has properly. */
  async end(because: Termination): Promise<void> {
    this.drain();
    await this.#conferences.endAll(because);
  }

  protected release(): void {
    this.drain();
  }

  async #refuse(call: Call, because: Termination): Promise<void> {
    if (call.ended) return;
    this.#log.info({ protocol: call.protocol, cause: because.cause, detail: because.detail }, 'refused');
    await call.refuse(because).catch((error: unknown) => {
      this.#log.warn({ error: errorText(error) }, 'a refusal could not be sent');
    });
  }
}
