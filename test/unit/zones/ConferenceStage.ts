import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { Closable, ZonebridgeError, type LayoutName, type SessionDescription } from '#kernel/index.ts';
import type {
  ConferenceEvents,
  ConferenceMedia,
  LegOptions,
  LegStats,
  MediaLeg,
  Slate,
} from '#media/index.ts';
import { browserAnswer, CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { Conference } from '#zones/Conference.ts';
import { Door } from '#zones/Door.ts';
import type { RoomConfig } from '#zones/index.ts';
import { promptOf, testServices, testZone, type TestServices } from '#test/support/zoneServices.ts';

const transport = {
  direction: 'sendrecv',
  security: { kind: 'none' },
  address: '127.0.0.1',
  port: 9,
  rtcpMux: true,
  headerExtensions: {},
} as const;

const vp8 = { name: 'VP8', payloadType: 96, parameters: {}, feedback: [] } as const;

/** Audio only. */
export const description: SessionDescription = {
  audio: {
    ...transport,
    codecs: [{ name: 'PCMU', payloadType: 0, clockRateHz: 8000, channels: 1, parameters: {} }],
  },
};

/** A browser's sections. */
export const videoDescription: SessionDescription = {
  ...description,
  video: { ...transport, codecs: [vp8] },
  screen: { ...transport, codecs: [vp8] },
  alternate: { ...transport, direction: 'sendonly', codecs: [vp8] },
};

/** A leg without media: does nothing, and fails on demand. */
export class LegStandIn extends Closable implements MediaLeg {
  readonly id: string;
  readonly options: LegOptions;
  local: SessionDescription;
  readonly #media: MediaStandIn;

  constructor(options: LegOptions, local: SessionDescription, media: MediaStandIn) {
    super();
    this.id = options.id;
    this.options = options;
    this.local = local;
    this.#media = media;
  }

  accept(): Promise<void> {
    return Promise.resolve();
  }

  renegotiate(offer: SessionDescription): Promise<SessionDescription> {
    this.local = offer;
    return Promise.resolve(this.local);
  }

  async reoffer(): Promise<SessionDescription> {
    await this.#media.reoffering;
    return this.local;
  }

  setMuted(muted: boolean): Promise<void> {
    this.#media.mutings.push(muted);
    return Promise.resolve();
  }

  setCamera(on: boolean): Promise<void> {
    this.#media.told.push(`${this.options.label} camera ${on ? 'on' : 'off'}`);
    return Promise.resolve();
  }

  async setSharing(on: boolean): Promise<void> {
    this.#media.told.push(`${this.options.label} ${on ? 'shares' : 'shares no more'}`);
    await this.#media.sharing;
  }

  dropVideo(): Promise<void> {
    this.#media.told.push(`${this.options.label} has no video any more`);
    this.local = { audio: this.local.audio };
    return Promise.resolve();
  }

  requestKeyFrame(): Promise<void> {
    this.#media.told.push(`${this.options.label} key frame`);
    return this.#media.keyFrames;
  }

  hold(slate: Slate | undefined): Promise<void> {
    this.#media.told.push(
      `${this.options.label} ${slate === undefined ? 'is in the room' : `sees ${slate.lines.at(-1)}`}`,
    );
    return Promise.resolve();
  }

  play(samples: Int16Array): Promise<void> {
    this.#media.said.push(`${this.options.label}: ${promptOf(samples)}`);
    return Promise.resolve();
  }

  stopPlaying(): Promise<void> {
    return Promise.resolve();
  }

  setLabel(label: string): Promise<void> {
    this.#media.told.push(`${this.options.label} is now ${label}`);
    return Promise.resolve();
  }

  stats(): Promise<LegStats> {
    return Promise.reject(new Error('no figures'));
  }

  protected release(): void {
    this.#media.closedLegs.push(this.id);
    if (this.#media.closingFails) throw new ZonebridgeError('timeout', 'the mixer did not answer');
  }
}

/** Media that does what a test says, in the moment that it says. */
export class MediaStandIn extends Closable implements ConferenceMedia {
  readonly id = 'welcome';
  readonly legs: LegStandIn[] = [];
  /** Legs that were asked for. */
  legsBegun = 0;
  readonly closedLegs: string[] = [];
  readonly mutings: boolean[] = [];
  /** What legs and the picture were told, in order. */
  readonly told: string[] = [];
  /** What was played to whom, in order. */
  readonly said: string[] = [];
  /** These resolve when this does. */
  sharing: Promise<void> = Promise.resolve();
  keyFrames: Promise<void> = Promise.resolve();
  pictures: Promise<void> = Promise.resolve();
  closingFails = false;
  /** Legs are made when this resolves. */
  making: Promise<void> = Promise.resolve();
  reoffering: Promise<void> = Promise.resolve();
  readonly #events = new EventEmitter<ConferenceEvents>();

  answer(offer: SessionDescription, options: LegOptions): Promise<MediaLeg> {
    return this.#make(options, offer);
  }

  offer(kind: 'browser' | 'phone', options: LegOptions): Promise<MediaLeg> {
    return this.#make(options, kind === 'browser' && options.allowVideo ? videoDescription : description);
  }

  setLayout(layout: LayoutName): Promise<void> {
    return this.#tell(`layout ${layout}`);
  }

  setSpotlight(legId: string | undefined): Promise<void> {
    return this.#tell(`spotlight ${this.#name(legId)}`);
  }

  setPinned(legIds: readonly string[]): Promise<void> {
    return this.#tell(`pinned ${legIds.map((id) => this.#name(id)).join(', ')}`.trim());
  }

  setNotice(text: string | undefined): Promise<void> {
    return this.#tell(`notice ${text ?? 'none'}`);
  }

  snapshot(view: string): Promise<Uint8Array> {
    if (view === 'shared') return Promise.resolve(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9));
    return Promise.reject(new ZonebridgeError('not-found', `no view ${view}`));
  }

  on<E extends keyof ConferenceEvents>(event: E, listener: (...values: ConferenceEvents[E]) => void): void {
    this.#events.on(event, listener as never);
  }

  emit<E extends keyof ConferenceEvents>(event: E, ...values: ConferenceEvents[E]): void {
    (this.#events as EventEmitter).emit(event, ...values);
  }

  protected release(): void {
    this.#events.removeAllListeners();
  }

  #tell(what: string): Promise<void> {
    this.told.push(what);
    return this.pictures;
  }

  #name(legId: string | undefined): string {
    return this.legs.find(({ id }) => id === legId)?.options.label ?? 'nobody';
  }

  async #make(options: LegOptions, local: SessionDescription): Promise<MediaLeg> {
    this.legsBegun += 1;
    await this.making;
    const leg = new LegStandIn(options, local, this);
    this.legs.push(leg);
    return leg;
  }
}

export interface ConferenceStage {
  readonly media: MediaStandIn;
  readonly conference: Conference;
  readonly services: TestServices;
  readonly logged: readonly string[];
  /** What became of calls. */
  readonly observed: readonly string[];
  /** A phone in the room. */
  readonly joined: (name: string, offer?: SessionDescription) => Promise<CallStandIn>;
  /** A browser in the room, whose camera is on. */
  readonly browser: (name: string) => Promise<CallStandIn>;
}

/** `shared`: of another room of the same zone; `more` is of the zone’s configuration. */
export function conferenceStage(
  room: Partial<RoomConfig> = {},
  shared?: TestServices,
  door?: Door,
  more: object = {},
): ConferenceStage {
  const media = new MediaStandIn();
  const logged: string[] = [];
  const observed: string[] = [];
  const write = (line: string): void => {
    const { msg, cause = '' } = JSON.parse(line) as { msg: string; cause?: string };
    logged.push(`${msg} ${cause}`.trim());
  };
  const zone = testZone([{ name: 'welcome', capacity: 10, ...room }], more);
  const services = shared ?? testServices(zone);
  const [config] = zone.rooms;
  if (config === undefined) throw new Error('the zone has no room');
  const conference: Conference = new Conference({
    room: config,
    services,
    media,
    log: pino({ level: 'info' }, { write }),
    observer: {
      admitted: ({ displayName }) => observed.push(`${displayName} admitted`),
      refused: ({ displayName }, { cause }) => observed.push(`${displayName} refused ${cause}`),
      ended: ({ displayName }, { cause }) => observed.push(`${displayName} ended ${cause}`),
    },
    door: door ?? new Door(zone.media),
    isDraining: () => false,
    reserveVideo: () => true,
    onOccupied: () => undefined,
    onEmpty: () => void conference.close('empty').catch(() => logged.push('closing failed')),
  });
  const join = async (call: CallStandIn): Promise<CallStandIn> => {
    await conference.join(call, true);
    return call;
  };
  const joined = (name: string, offer = description): Promise<CallStandIn> =>
    join(new CallStandIn({ name, offer }));
  const browser = (name: string): Promise<CallStandIn> =>
    join(new CallStandIn({ name, camera: true, answer: browserAnswer }));
  return { media, conference, services, logged, observed, joined, browser };
}
