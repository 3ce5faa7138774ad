import { Closable, errorText, type Log, type Termination } from '#kernel/index.ts';
import type { ZoneMedia } from '#media/index.ts';
import { Conference } from './Conference.ts';
import type { RoomConfig, ZoneConfig } from './config/schema.ts';

/** The conferences of a zone: one for each room that somebody is in, made for the first and closed after the last. */
export class Conferences extends Closable {
  readonly #zone: ZoneConfig;
  readonly #media: ZoneMedia;
  readonly #log: Log;
  readonly #byRoom = new Map<string, Conference>();

  constructor(zone: ZoneConfig, media: ZoneMedia, log: Log) {
    super();
    this.#zone = zone;
    this.#media = media;
    this.#log = log;
  }

  occupancy(room: string): number {
    return this.#byRoom.get(room)?.size ?? 0;
  }

  /** The room's conference; the caller joins it in the same turn of the event loop, so it cannot close in between. */
  of(room: RoomConfig): Conference {
    const open = this.#byRoom.get(room.name);
    if (open !== undefined && !open.closed) return open;
    const conference = this.own(
      new Conference({
        room,
        zoneName: this.#zone.name,
        media: this.#media.conference(room.name),
        allowPlainRtp: this.#zone.media.plain_rtp !== undefined,
        log: this.#log.child({ room: room.name }),
        onEmpty: () => this.#closeEmpty(conference),
      }),
    );
    this.#byRoom.set(room.name, conference);
    void conference.whenClosed.then(() => {
      if (this.#byRoom.get(room.name) === conference) this.#byRoom.delete(room.name);
    });
    return conference;
  }

  /** Ends every call of the zone. */
  async endAll(because: Termination): Promise<void> {
    await Promise.allSettled([...this.#byRoom.values()].map((conference) => conference.end(because)));
  }

  protected release(): void {
    this.#byRoom.clear();
  }

  #closeEmpty(conference: Conference): void {
    conference.close('empty').catch((error: unknown) => {
      this.#log.error({ error: errorText(error) }, 'closing a conference failed');
    });
  }
}
