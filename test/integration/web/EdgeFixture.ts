import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { connect, createServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import {
  createLog,
  type AudioDescription,
  type LayoutName,
  type SessionDescription,
  type VideoCodec,
  type VideoDescription,
} from '#kernel/index.ts';
import { createTestCa, issueCertificate } from '#src/testCa/issue.ts';
import type { Call, CallOwner, Endpoint, RosterEntry } from '#signaling/call.ts';
import { WebEdge, type ServerMessage, type WebEdgeOptions } from '#signaling/web/index.ts';
import { webSocketSubprotocol } from '#signaling/web/protocol.ts';
import { waitFor } from '#test/support/waitFor.ts';

/** A web edge behind a TLS port of the test's, with a page of one line. */
export class EdgeFixture implements AsyncDisposable {
  readonly calls: Call[] = [];
  readonly ca: string;
  readonly #tls: TlsServer;
  readonly #edge: WebEdge;
  readonly #folder: string;
  readonly #browsers: BrowserStandIn[] = [];

  static async start(options: Partial<WebEdgeOptions> = {}): Promise<EdgeFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'zonebridge-web-'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>the page</title>');
    await writeFile(join(folder, 'script.js'), 'export {};');
    const ca = await createTestCa();
    const { certificate, key } = await issueCertificate(ca, ['localhost']);
    const calls: Call[] = [];
    const edge = await WebEdge.create({
      webRoot: folder,
      onCall: (call) => calls.push(call),
      log: createLog('silent'),
      ...options,
    });
    const tls = createServer({ cert: certificate, key }, (socket) => {
      const remote = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
      edge.accept(socket, { remote, tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' } });
    });
    tls.listen(0, '127.0.0.1');
    await once(tls, 'listening');
    return new EdgeFixture(calls, ca.certificate, tls, edge, folder);
  }

  private constructor(calls: Call[], ca: string, tls: TlsServer, edge: WebEdge, folder: string) {
    this.calls = calls;
    this.ca = ca;
    this.#tls = tls;
    this.#edge = edge;
    this.#folder = folder;
  }

  /** A TLS connection without anything on it. */
  async connection(): Promise<TLSSocket> {
    const socket = connect({ host: '127.0.0.1', port: this.port, servername: 'localhost', ca: this.ca });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  get port(): number {
    const address = this.#tls.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** A WebSocket as the page opens it. */
  browser(room = 'welcome', headers: Record<string, string> = {}): BrowserStandIn {
    const socket = new WebSocket(`wss://localhost:${this.port}/api/rooms/${room}/ws`, webSocketSubprotocol, {
      ca: this.ca,
      lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
      headers,
    });
    const browser = new BrowserStandIn(socket);
    this.#browsers.push(browser);
    return browser;
  }

  /** The next call that reaches the zone. */
  nextCall(): Promise<Call> {
    return waitFor('a call', () => this.calls.shift());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const browser of this.#browsers) browser.socket.terminate();
    await this.#edge.close('test over');
    this.#tls.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The protocol's client side without a browser around it. */
export class BrowserStandIn {
  readonly socket: WebSocket;
  readonly #received: ServerMessage[] = [];
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => this.#received.push(JSON.parse(data.toString()) as ServerMessage));
  }

  async send(message: unknown): Promise<void> {
    if (this.socket.readyState === this.socket.CONNECTING) await once(this.socket, 'open');
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Resolves when the server has read all that was sent before. */
  async heard(): Promise<void> {
    this.socket.ping();
    await once(this.socket, 'pong');
  }

  /** Whatever came first and was not taken yet. */
  nextOfAll(): Promise<ServerMessage> {
    return waitFor('any message', () => this.#received.shift());
  }

  next<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    return waitFor(`a message ${type}`, () => {
      const index = this.#received.findIndex((message) => message.type === type);
      return index < 0
        ? undefined
        : (this.#received.splice(index, 1)[0] as Extract<ServerMessage, { type: T }>);
    });
  }
}

const transport = {
  direction: 'sendrecv',
  security: {
    kind: 'dtls',
    setup: 'actpass',
    fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
  },
  ice: {
    usernameFragment: 'abcd1234',
    password: 'abcdefghijklmnopqrstuvwx',
    lite: true,
    candidates: [
      { foundation: 'udp', priority: 1076302079, address: '127.0.0.1', port: 40000, protocol: 'udp' },
    ],
  },
  address: '127.0.0.1',
  port: 40000,
  rtcpMux: true,
  cname: 'zonebridge',
} as const;

const audio: AudioDescription = {
  ...transport,
  mid: '0',
  codecs: [
    { name: 'opus', payloadType: 100, clockRateHz: 48000, channels: 2, parameters: { useinbandfec: '1' } },
  ],
  ssrc: 1234,
  headerExtensions: { mid: 1 },
};

const vp8: VideoCodec = {
  name: 'VP8',
  payloadType: 101,
  parameters: {},
  feedback: ['nack', 'nack pli', 'ccm fir', 'goog-remb', 'transport-cc'],
  rtxPayloadType: 102,
};

function video(mid: string, ssrc: number): VideoDescription {
  return {
    ...transport,
    mid,
    codecs: [vp8],
    ssrc,
    rtxSsrc: ssrc + 1,
    headerExtensions: { mid: 1, transportCc: 5, absSendTime: 4 },
  };
}

/** Our side of a browser's session, as media would describe it. */
export const localSession: SessionDescription = {
  audio,
  video: {
    ...video('1', 2000),
    rids: ['q', 'h', 'f'],
    maxBitrate: 2_500_000,
    headerExtensions: {
      mid: 1,
      rid: 2,
      repairedRid: 3,
      absSendTime: 4,
      transportCc: 5,
      videoOrientation: 11,
    },
  },
  screen: { ...video('2', 3000), maxBitrate: 3_000_000 },
  alternate: { ...video('3', 4000), direction: 'sendonly' },
};

/** An endpoint that keeps what it was told. */
export class EndpointStandIn implements Endpoint {
  readonly local: SessionDescription;
  readonly accepted: SessionDescription[] = [];

  constructor(local: SessionDescription = { audio }) {
    this.local = local;
  }

  accept(answer: SessionDescription): Promise<void> {
    this.accepted.push(answer);
    return Promise.resolve();
  }

  renegotiate(): Promise<SessionDescription> {
    return Promise.resolve(this.local);
  }
}

/** A zone that writes down what its caller does. */
export class OwnerStandIn implements CallOwner {
  readonly participantId = 'p1';
  readonly roomTitle = 'Welcome room';
  readonly zoneName = 'meetme';
  readonly isHost = true;
  readonly told: string[] = [];

  ended({ cause }: { cause: string }): void {
    this.told.push(`ended ${cause}`);
  }

  setMuted(muted: boolean): void {
    this.told.push(muted ? 'muted' : 'heard');
  }

  setCamera(on: boolean): void {
    this.told.push(`camera ${on ? 'on' : 'off'}`);
  }

  setSharing(on: boolean): void {
    this.told.push(`sharing ${on ? 'on' : 'off'}`);
  }

  setLayout(layout: LayoutName): void {
    this.told.push(`layout ${layout}`);
  }

  setSpotlight(participantId: string | undefined): void {
    this.told.push(`spotlight ${participantId ?? 'nobody'}`);
  }

  setPinned(participantId: string, pinned: boolean): void {
    this.told.push(`${pinned ? 'pinned' : 'unpinned'} ${participantId}`);
  }

  admitWaiting(participantId: string, admit: boolean): void {
    this.told.push(`${admit ? 'admitted' : 'refused'} ${participantId}`);
  }

  setLocked(locked: boolean): void {
    this.told.push(locked ? 'locked' : 'unlocked');
  }

  removeParticipant(participantId: string): void {
    this.told.push(`removed ${participantId}`);
  }

  muteParticipant(participantId: string): void {
    this.told.push(`muted ${participantId}`);
  }

  endConference(): void {
    this.told.push('conference ended');
  }

  dial(uri: string): void {
    this.told.push(`dialled ${uri}`);
  }

  keyFrameWanted(): void {
    this.told.push('key frame wanted');
  }

  reofferWanted(): void {
    this.told.push('reoffer wanted');
  }

  digit(digit: string): void {
    this.told.push(`digit ${digit}`);
  }
}

/** An entry of a roster. */
export const someone: RosterEntry = {
  id: 'p1',
  name: 'Alice',
  kind: 'browser',
  muted: false,
  speaking: false,
  camera: 'on',
  sharing: false,
  pinned: false,
  spotlight: false,
  role: 'guest',
};

/** What Chromium would answer to the audio of `localSession` alone. */
export const browserAnswer = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 100',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:Ab12',
  'a=ice-pwd:abcdefghijklmnopqrstuvwx',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'CD').join(':')}`,
  'a=setup:active',
  'a=mid:0',
  'a=sendrecv',
  'a=rtcp-mux',
  'a=rtpmap:100 opus/48000/2',
  'a=fmtp:100 minptime=10;useinbandfec=1',
  'a=ssrc:99 cname:browser',
  '',
].join('\r\n');
