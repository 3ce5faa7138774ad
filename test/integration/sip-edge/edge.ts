import { pino } from 'pino';
import {
  ZonebridgeError,
  type AudioDescription,
  type MediaDirection,
  type MediaSecurity,
  type SessionDescription,
  type Termination,
  type VideoDescription,
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
  readonly accepted: SessionDescription[] = [];
  readonly offers: SessionDescription[] = [];
  #local: SessionDescription;
  #failure: ZonebridgeError | undefined;

  constructor(offer: SessionDescription | undefined) {
    this.#local = offer === undefined ? ownOffer : answerTo(offer);
  }

  get local(): SessionDescription {
    return this.#local;
  }

  /** The next renegotiation fails so. */
  failWith(failure: ZonebridgeError): void {
    this.#failure = failure;
  }

  accept(answer: SessionDescription): Promise<void> {
    this.accepted.push(answer);
    return Promise.resolve();
  }

  renegotiate(offer: SessionDescription): Promise<SessionDescription> {
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
  readonly isHost = false;
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

  keyFrames = 0;

  setMuted(): void {
    throw new Error('a phone has no mute button that we know of');
  }

  setCamera(): void {
    throw new Error('a phone does not say when its camera is off');
  }

  setSharing(): void {
    throw new Error('what a phone shares is in its picture');
  }

  setLayout(): void {
    throw new Error('a phone has no layout menu');
  }

  setSpotlight(): void {
    throw new Error('a phone has no layout menu');
  }

  setPinned(): void {
    throw new Error('a phone has no layout menu');
  }

  admitWaiting(): void {
    throw new Error('a phone has no list of who waits');
  }

  setLocked(): void {
    throw new Error('a phone has no lock button');
  }

  removeParticipant(): void {
    throw new Error('a phone has no roster to remove from');
  }

  muteParticipant(): void {
    throw new Error('a phone has no roster to mute from');
  }

  endConference(): void {
    throw new Error('a phone has no button that ends the conference');
  }

  dial(): void {
    throw new Error('a phone dials for itself only');
  }

  keyFrameWanted(): void {
    this.keyFrames += 1;
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

const security: MediaSecurity = { kind: 'sdes', keys: [{ tag: 1, suite, key: ourKey }] };

const ownAudio: AudioDescription = {
  direction: 'sendrecv',
  codecs: [
    { name: 'opus', payloadType: 111, clockRateHz: 48_000, channels: 2, parameters: { useinbandfec: '1' } },
    { name: 'G722', payloadType: 9, clockRateHz: 8000, channels: 1, parameters: {} },
  ],
  telephoneEvent: { payloadType: 101, clockRateHz: 8000 },
  security,
  address: '203.0.113.5',
  port: 40_000,
  rtcpMux: false,
  rtcpPort: 40_001,
  headerExtensions: {},
  ptimeMs: 20,
};

const ownVideo: VideoDescription = {
  direction: 'sendrecv',
  codecs: [
    {
      name: 'H264',
      payloadType: 108,
      parameters: {
        'profile-level-id': '42e01f',
        'packetization-mode': '1',
        'level-asymmetry-allowed': '1',
      },
      feedback: ['nack pli', 'ccm fir'],
    },
    { name: 'VP8', payloadType: 96, parameters: {}, feedback: ['nack pli', 'ccm fir'] },
  ],
  security,
  address: '203.0.113.5',
  port: 40_002,
  rtcpMux: false,
  rtcpPort: 40_003,
  headerExtensions: {},
  maxBitrate: 2_000_000,
};

const ownOffer: SessionDescription = { audio: ownAudio, video: ownVideo };

function answerTo({ audio, video }: SessionDescription): SessionDescription {
  return { audio: answerAudio(audio), ...(video === undefined ? {} : { video: answerVideo(video) }) };
}

function answerAudio(offered: AudioDescription): AudioDescription {
  const [codec] = offered.codecs;
  if (codec === undefined) throw new ZonebridgeError('not-acceptable', 'no codec');
  const { telephoneEvent, direction } = offered;
  return {
    ...ownAudio,
    codecs: [codec],
    ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
    security: answerSecurity(offered.security),
    direction: answerDirection(direction),
  };
}

function answerVideo(offered: VideoDescription): VideoDescription {
  const [codec] = offered.codecs;
  if (codec === undefined) throw new ZonebridgeError('not-acceptable', 'no codec');
  const parameters = ownVideo.codecs.find(({ name }) => name === codec.name)?.parameters ?? {};
  return {
    ...ownVideo,
    codecs: [{ ...codec, parameters }],
    security: answerSecurity(offered.security),
    direction: answerDirection(offered.direction),
  };
}

function answerSecurity(offered: MediaSecurity): MediaSecurity {
  return offered.kind === 'sdes'
    ? { kind: 'sdes', keys: [{ tag: offered.keys[0]?.tag ?? 0, suite, key: ourKey }] }
    : offered;
}

function answerDirection(offered: MediaDirection): MediaDirection {
  const directions = {
    sendrecv: 'sendrecv',
    sendonly: 'recvonly',
    recvonly: 'sendonly',
    inactive: 'inactive',
  } as const;
  return directions[offered];
}
