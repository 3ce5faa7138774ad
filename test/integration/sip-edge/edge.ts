import { pino } from 'pino';
import {
  ZonebridgeError,
  type AudioDescription,
  type MediaSecurity,
  type Termination,
} from '#kernel/index.ts';
import type { Call, CallOwner, Endpoint } from '#signaling/call.ts';
import { SipEdge, type SipEdgeOptions } from '#signaling/sip/index.ts';
import type { SipEngineOptions } from '#signaling/sip/stack/index.ts';
import { startEngine, tlsPeer, type TestEngine } from '../sip-engine/engine.ts';
import { SipPeer } from '../sip-engine/SipPeer.ts';
import type { Phone } from './Phone.ts';

/** A SIP edge on a real engine; calls come out in order, and the test decides about them. */
export interface TestEdge extends AsyncDisposable {
  readonly edge: SipEdge;
  readonly zone: TestEngine;
  nextCall(): Promise<Call>;
  /** How many calls came out that nobody asked for. */
  readonly unclaimed: number;
  tcpPeer(): Promise<SipPeer>;
  tlsPeer(): Promise<SipPeer>;
}

interface TestEdgeOptions {
  readonly engine?: Partial<SipEngineOptions>;
  readonly edge?: Partial<SipEdgeOptions>;
}

export async function startEdge({
  engine = {},
  edge: options = {},
}: TestEdgeOptions = {}): Promise<TestEdge> {
  const zone = await startEngine(engine);
  const calls: Call[] = [];
  const waiting: ((call: Call) => void)[] = [];
  const edge = await SipEdge.create({
    engine: zone.engine,
    domains: ['zone.example'],
    advertiseFocus: true,
    onCall: (call) => {
      const taker = waiting.shift();
      if (taker === undefined) calls.push(call);
      else taker(call);
    },
    log: pino({ level: process.env.TEST_LOG ?? 'silent' }),
    ...options,
  });
  return {
    edge,
    zone,
    nextCall: () => {
      const call = calls.shift();
      return call === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(call);
    },
    get unclaimed() {
      return calls.length;
    },
    tcpPeer: () => SipPeer.overTcp(zone.tcp),
    tlsPeer: () => tlsPeer(zone.tls),
    [Symbol.asyncDispose]: async () => {
      await edge.close('test over');
      await zone[Symbol.asyncDispose]();
    },
  };
}

/** A media leg as signaling sees it: answers in the offerer's numbers, keeps its key, writes down what it is told. */
export class TestEndpoint implements Endpoint {
  readonly accepted: AudioDescription[] = [];
  readonly offers: AudioDescription[] = [];
  #local: AudioDescription;
  #failure: ZonebridgeError | undefined;

  constructor(offer: AudioDescription | undefined) {
    this.#local = offer === undefined ? ownOffer : answerTo(offer);
  }

  get local(): AudioDescription {
    return this.#local;
  }

  /** The next renegotiation fails so. */
  failWith(failure: ZonebridgeError): void {
    this.#failure = failure;
  }

  accept(answer: AudioDescription): Promise<void> {
    this.accepted.push(answer);
    return Promise.resolve();
  }

  renegotiate(offer: AudioDescription): Promise<AudioDescription> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    this.offers.push(offer);
    this.#local = answerTo(offer);
    return Promise.resolve(this.#local);
  }
}

export class TestOwner implements CallOwner {
  readonly participantId = 'p';
  readonly roomTitle = 'Room';
  readonly zoneName = 'zone';
  readonly digits: string[] = [];
  readonly #ended = Promise.withResolvers<Termination>();
  endings = 0;

  get whenEnded(): Promise<Termination> {
    return this.#ended.promise;
  }

  ended(termination: Termination): void {
    this.endings += 1;
    this.#ended.resolve(termination);
  }

  setMuted(): void {
    throw new Error('a phone has no mute button that we know of');
  }

  reofferWanted(): void {
    throw new Error('a phone never asks for another offer');
  }

  digit(digit: string): void {
    this.digits.push(digit);
  }
}

export interface Established {
  readonly call: Call;
  readonly endpoint: TestEndpoint;
  readonly owner: TestOwner;
  readonly phone: Phone;
}

/** A call that a phone made and the zone admitted. */
export async function establish(edge: TestEdge, phone: Phone): Promise<Established> {
  const invited = phone.invite(200);
  const call = await edge.nextCall();
  const endpoint = new TestEndpoint(call.offer);
  const owner = new TestOwner();
  await Promise.all([call.admit(endpoint, owner), invited]);
  return { call, endpoint, owner, phone };
}

const ourKey = Buffer.alloc(30, 'zone').toString('base64');
const suite = 'AES_CM_128_HMAC_SHA1_80';

const ownOffer: AudioDescription = {
  direction: 'sendrecv',
  codecs: [
    { name: 'opus', payloadType: 111, clockRateHz: 48_000, channels: 2, parameters: { useinbandfec: '1' } },
    { name: 'G722', payloadType: 9, clockRateHz: 8000, channels: 1, parameters: {} },
  ],
  telephoneEvent: { payloadType: 101, clockRateHz: 8000 },
  security: { kind: 'sdes', keys: [{ tag: 1, suite, key: ourKey }] },
  address: '203.0.113.5',
  port: 40_000,
  rtcpMux: false,
  rtcpPort: 40_001,
  headerExtensions: {},
  ptimeMs: 20,
};

function answerTo({ codecs, direction, security, telephoneEvent }: AudioDescription): AudioDescription {
  const directions = {
    sendrecv: 'sendrecv',
    sendonly: 'recvonly',
    recvonly: 'sendonly',
    inactive: 'inactive',
  } as const;
  const [codec] = codecs;
  if (codec === undefined) throw new ZonebridgeError('not-acceptable', 'no codec');
  const ours: MediaSecurity =
    security.kind === 'sdes'
      ? { kind: 'sdes', keys: [{ tag: security.keys[0]?.tag ?? 0, suite, key: ourKey }] }
      : security;
  return {
    ...ownOffer,
    codecs: [codec],
    ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
    security: ours,
    direction: directions[direction],
  };
}
