import { pino } from 'pino';
import { waitFor } from '#test/support/waitFor.ts';
import type { ZoneMedia, ZoneVideoOptions } from '#media/index.ts';
import { governance } from '#test/support/governance.ts';
import { openMediaZone } from '#test/support/mediaZone.ts';
import type { MixerStandIn } from '#test/support/MixerStandIn.ts';
import { testServices, type TestServices } from '#test/support/zoneServices.ts';
import { TestPhone } from '#test/support/TestPhone.ts';
import { zoneSchema, type ZoneConfig } from '#zones/index.ts';
import { ZoneFigures } from '#zones/api/index.ts';
import { Reception } from '#zones/Reception.ts';
import { browserAnswer, CallStandIn } from './CallStandIn.ts';

interface LogLine {
  readonly msg: string;
  readonly level: number;
  readonly cause?: string;
}

interface FixtureOptions {
  readonly capacity?: number;
  /** Calls may have video; without it they are audio only. */
  readonly video?: boolean;
  readonly whenVideoFull?: 'refuse' | 'audio_only';
  /** People can log in. */
  readonly login?: boolean;
}

const addresses = { https: 'https://meetme.localhost:8443', sip: 'sip:{room}@127.0.0.1', linked: [] };

const videoOptions: ZoneVideoOptions = {
  codecs: ['VP8', 'H264'],
  frameRate: 30,
  maxBitrate: 1_500_000,
  encodeBudget: 4,
  maxLoadPercent: 70,
};

const login = { oidc: { issuer: 'https://login.example.org', client_id: 'zonebridge' } };

function zoneConfig(options: FixtureOptions): ZoneConfig {
  const { capacity = 10, whenVideoFull = 'refuse', video = false } = options;
  return zoneSchema.parse({
    ...(options.login === true ? { identity: login } : {}),
    name: 'meetme',
    kind: 'meetme',
    ...governance,
    domains: ['meetme.localhost'],
    tls: { certificate: 'none.pem', key: 'none.key.pem' },
    media: {
      address: '127.0.0.1',
      ports: { min: 20_000, max: 20_099 },
      webrtc_port: 20_100,
      video: { enabled: video, when_full: whenVideoFull },
    },
    rooms: [{ name: 'welcome', title: 'Welcome room', capacity }, { name: 'quiet' }],
  });
}

/** What a zone is behind its edges: calls come in by hand, the media worker is a real one. */
export class ZoneFixture implements AsyncDisposable {
  readonly reception: Reception;
  readonly media: ZoneMedia;
  readonly mixer: MixerStandIn;
  readonly figures: ZoneFigures;
  readonly services: TestServices;
  readonly logged: LogLine[] = [];
  readonly #resources: AsyncDisposableStack;

  static async open(options: FixtureOptions = {}): Promise<ZoneFixture> {
    await using stack = new AsyncDisposableStack();
    const { media, mixer } = stack.use(
      await openMediaZone(options.video === true ? { video: videoOptions } : {}),
    );
    return new ZoneFixture(media, mixer, zoneConfig(options), stack.move());
  }

  private constructor(
    media: ZoneMedia,
    mixer: MixerStandIn,
    zone: ZoneConfig,
    resources: AsyncDisposableStack,
  ) {
    this.media = media;
    this.mixer = mixer;
    const log = pino({ level: 'info' }, { write: (line) => this.logged.push(JSON.parse(line) as LogLine) });
    this.figures = new ZoneFigures(log);
    const observer = this.figures.calls;
    this.services = testServices(zone);
    this.reception = new Reception({ services: this.services, addresses, media, observer, log });
    this.#resources = resources;
    resources.use(this.reception);
  }

  /** A phone that dials; `call` it is not answered yet when this resolves. */
  async phone(name: string, room = 'welcome'): Promise<CallStandIn> {
    const phone = this.#resources.use(await TestPhone.create({ suite: 'AES_CM_128_HMAC_SHA1_80' }));
    return new CallStandIn({ name, room, offer: phone.offer() });
  }

  /** One that has dialled and is in the room. */
  async joined(name: string, room = 'welcome'): Promise<CallStandIn> {
    const call = await this.phone(name, room);
    await this.reception.take(call);
    if (call.ended) throw new Error(`${name} did not get in: ${call.told.join()}`);
    return call;
  }

  /** A browser that is in the room. */
  async browser(name: string, joins: { muted?: boolean; camera?: boolean } = {}): Promise<CallStandIn> {
    const call = new CallStandIn({ name, ...joins, answer: browserAnswer });
    await this.reception.take(call);
    return call;
  }

  /** Resolves when nothing of anybody is left in the room, the mixer or the worker. */
  async isEmpty(room = 'welcome'): Promise<void> {
    await waitFor('the room is empty', () => this.reception.occupancy(room) === 0);
    await waitFor('the mixer has no leg', () => this.mixer.legs.size === 0);
  }

  /** Causes of the log lines with this message. */
  causes(message: string): (string | undefined)[] {
    return this.logged.filter(({ msg }) => msg === message).map(({ cause }) => cause);
  }

  /** Log lines that somebody would have to look at. */
  get troubles(): readonly LogLine[] {
    return this.logged.filter(({ level }) => level >= 40);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
