import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { Closable, ZonebridgeError, type AudioDescription } from '#kernel/index.ts';
import type { ConferenceEvents, ConferenceMedia, LegOptions, LegStats, MediaLeg } from '#media/index.ts';
import { CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { Conference } from '#zones/Conference.ts';

export const description: AudioDescription = {
  direction: 'sendrecv',
  codecs: [{ name: 'PCMU', payloadType: 0, clockRateHz: 8000, channels: 1, parameters: {} }],
  security: { kind: 'none' },
  address: '127.0.0.1',
  port: 9,
  rtcpMux: true,
  headerExtensions: {},
};

/** A leg without media: does nothing, and fails on demand. */
export class LegStandIn extends Closable implements MediaLeg {
  readonly id: string;
  readonly local = description;
  readonly #media: MediaStandIn;

  constructor(id: string, media: MediaStandIn) {
    super();
    this.id = id;
    this.#media = media;
  }

  accept(): Promise<void> {
    return Promise.resolve();
  }

  renegotiate(): Promise<AudioDescription> {
    return Promise.resolve(this.local);
  }

  async reoffer(): Promise<AudioDescription> {
    await this.#media.reoffering;
    return this.local;
  }

  setMuted(muted: boolean): Promise<void> {
    this.#media.mutings.push(muted);
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
  readonly closedLegs: string[] = [];
  readonly mutings: boolean[] = [];
  closingFails = false;
  /** Legs are made when this resolves. */
  making: Promise<void> = Promise.resolve();
  reoffering: Promise<void> = Promise.resolve();
  readonly #events = new EventEmitter<ConferenceEvents>();

  answer(_offer: AudioDescription, options: LegOptions): Promise<MediaLeg> {
    return this.#make(options);
  }

  offer(_kind: 'browser' | 'phone', options: LegOptions): Promise<MediaLeg> {
    return this.#make(options);
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

  async #make({ id }: LegOptions): Promise<MediaLeg> {
    await this.making;
    const leg = new LegStandIn(id, this);
    this.legs.push(leg);
    return leg;
  }
}

export interface ConferenceStage {
  readonly media: MediaStandIn;
  readonly conference: Conference;
  readonly logged: readonly string[];
  /** A phone in the room. */
  readonly joined: (name: string) => Promise<CallStandIn>;
}

export function conferenceStage(): ConferenceStage {
  const media = new MediaStandIn();
  const logged: string[] = [];
  const write = (line: string): void => {
    const { msg, cause = '' } = JSON.parse(line) as { msg: string; cause?: string };
    logged.push(`${msg} ${cause}`.trim());
  };
  const conference: Conference = new Conference({
    room: { name: 'welcome', capacity: 10 },
    zoneName: 'meetme',
    media,
    allowPlainRtp: false,
    log: pino({ level: 'info' }, { write }),
    onEmpty: () => void conference.close('empty').catch(() => logged.push('closing failed')),
  });
  const joined = async (name: string): Promise<CallStandIn> => {
    const call = new CallStandIn({ name, offer: description });
    await conference.join(call);
    return call;
  };
  return { media, conference, logged, joined };
}
