import { Closable, ZonebridgeError, errorText, type Log, type Termination } from '#kernel/index.ts';
import type { ZoneMedia } from '#media/index.ts';
import type { CallObserver } from './CallObserver.ts';
import { Conference } from './Conference.ts';
import type { RoomUse } from './roomUse.ts';
import type { RoomConfig } from './config/schema.ts';
import type { ZoneAddresses } from './contract.ts';
import { Door } from './Door.ts';
import { StandingDials } from './rooms/StandingDials.ts';
import type { Participant } from './Participant.ts';
import { welcomeLines } from './welcomeLines.ts';
import type { ZoneServices } from './ZoneServices.ts';

export interface ConferencesOptions {
  readonly services: ZoneServices;
  readonly addresses: ZoneAddresses;
  readonly media: ZoneMedia;
  readonly observer: CallObserver;
  readonly log: Log;
  readonly isDraining: () => boolean;
}

/** The conferences of a zone: one for each room that somebody is in, made for the first and closed after the last. */
export class Conferences extends Closable {
  readonly #options: ConferencesOptions;
  readonly #standing: StandingDials;
  readonly #door: Door;
  readonly #byRoom = new Map<string, Conference>();

  constructor(options: ConferencesOptions) {
    super();
    this.#options = options;
    this.#door = new Door(options.services.zone.media);
    const { standing } = options.services.zone.dial_out;
    this.#standing = this.own(
      new StandingDials({
        entries: standing.map(({ room, uri, redial_seconds: seconds }) => ({
          room,
          uri,
          redialMs: seconds * 1000,
        })),
        dial: ({ room, uri }, established, signal) => this.#stand(room, uri, established, signal),
      }),
    );
  }

  /** Of the rooms that somebody is in. */
  get use(): readonly RoomUse[] {
    return [...this.#byRoom.values()].map((conference) => conference.use);
  }

  /** Throws `not-found` when nobody is in the room, or there is no such view. */
  async snapshot(room: string, view: string): Promise<Uint8Array> {
    const conference = this.#byRoom.get(room);
    if (conference === undefined) throw new ZonebridgeError('not-found', `nobody is in a room ${room}`);
    return conference.snapshot(view);
  }

  /** Nobody may be in the room. */
  open(room: string): Conference | undefined {
    return this.#byRoom.get(room);
  }

  /** Something that decisions rest on has changed. */
  async decideAgain(): Promise<void> {
    await Promise.all([...this.#byRoom.values()].map((conference) => conference.decideAgain()));
  }

  loggedOut(isHim: (participant: Participant) => boolean): void {
    for (const conference of this.#byRoom.values()) conference.loggedOut(isHim);
  }

  occupancy(room: string): number {
    return this.#byRoom.get(room)?.size ?? 0;
  }

  /** The room's conference; the caller joins it in the same turn of the event loop, so it cannot close in between. */
  of(room: RoomConfig): Conference {
    const open = this.#byRoom.get(room.name);
    if (open !== undefined && !open.closed) return open;
    const { services, addresses, media, observer, log, isDraining } = this.#options;
    const { zone } = services;
    const picture = { layout: room.layout, welcome: welcomeLines(room, zone.name, addresses) };
    const conference = this.own(
      new Conference({
        room,
        services,
        media: media.conference(room.name, picture),
        log: log.child({ room: room.name }),
        observer,
        door: this.#door,
        isDraining,
        reserveVideo: () => zone.media.video.enabled && media.reserveVideo('phone'),
        onOccupied: (callers) => this.#standing.occupied(room.name, callers),
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

  async #stand(room: string, uri: string, established: () => void, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#byRoom.get(room)?.outgoing.stand(uri, established, signal);
    } catch (error) {
      log.warn({ room, error: errorText(error) }, 'a standing call did not come about');
      throw error;
    }
  }

  #closeEmpty(conference: Conference): void {
    conference.close('empty').catch((error: unknown) => {
      this.#options.log.error({ error: errorText(error) }, 'closing a conference failed');
    });
  }
}
