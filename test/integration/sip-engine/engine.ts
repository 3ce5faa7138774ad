import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import Srf from 'drachtio-srf';
import { pino } from 'pino';
import { SipEngine, type SipEngineOptions, type SocketAddress } from '#signaling/sip/stack/index.ts';
import { SipPeer } from './SipPeer.ts';

const file = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/sip/tls/${name}`, import.meta.url));

/** An engine with drachtio-srf connected to it, and ways to reach it. */
export interface TestEngine extends AsyncDisposable {
  readonly engine: SipEngine;
  readonly srf: Srf;
  readonly udp: SocketAddress;
  readonly tcp: SocketAddress;
  readonly tls: SocketAddress;
}

export async function startEngine(options: Partial<SipEngineOptions> = {}): Promise<TestEngine> {
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const tlsClient = { ca: file('ca.pem') };
  const transports = {
    tlsClient: () => tlsClient,
    dns: {
      naptr: () => Promise.resolve([]),
      srv: () => Promise.resolve([]),
      addresses: (name: string) =>
        Promise.resolve(name === 'partner.example' ? ['127.0.0.1'] : ['192.0.2.1']),
    },
    limits: { halfCloseTimeoutMs: 100, connectTimeoutMs: 1000 },
  };
  const engine = await SipEngine.create({ log, transports, ...options });
  const udp = await engine.listen('udp', '127.0.0.1', 0);
  const tcp = await engine.listen('tcp', '127.0.0.1', 0);
  const server = createServer({ cert: file('partner.pem'), key: file('partner.key.pem') }, (socket) => {
    const remote = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    engine.accept(socket, { transport: 'tls', remote, sentBy: `127.0.0.1:${tls.port}`, tls: tlsInfo });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const tls = { address: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
  const srf = await connectApp(engine);
  const stop = async (): Promise<void> => {
    disconnectApp(srf);
    server.close();
    await engine.close('test over');
  };
  return { engine, srf, udp, tcp, tls, [Symbol.asyncDispose]: stop };
}

/** Another application on the same engine. */
export async function connectApp(engine: SipEngine): Promise<Srf> {
  const srf = new Srf();
  srf.on('error', () => undefined);
  void srf.connect(engine.control);
  await once(srf, 'connect');
  return srf;
}

/** Also after the engine has cut the link, when drachtio-srf throws because there is none. */
export function disconnectApp(srf: Srf): void {
  try {
    srf.disconnect();
  } catch {
    // no link any more
  }
}

/** A TLS server of `partner.example`; each connection becomes a peer. */
export async function partnerServer(): Promise<PartnerServer> {
  const peers: SipPeer[] = [];
  const waiting: ((peer: SipPeer) => void)[] = [];
  const server = createServer({ cert: file('partner.pem'), key: file('partner.key.pem') }, (socket) => {
    const peer = SipPeer.onStream(socket, 'TLS');
    peers.push(peer);
    waiting.shift()?.(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    peers,
    connected: () => new Promise((resolve) => waiting.push(resolve)),
    [Symbol.dispose]: () => {
      for (const peer of peers) peer[Symbol.dispose]();
      server.close();
    },
  };
}

export interface PartnerServer extends Disposable {
  readonly port: number;
  readonly peers: readonly SipPeer[];
  /** The next connection. */
  connected(): Promise<SipPeer>;
}

export function tlsPeer(target: SocketAddress): Promise<SipPeer> {
  return SipPeer.overTls(target, { ca: file('ca.pem'), servername: 'partner.example' });
}

export const tlsInfo = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: 'X25519MLKEM768' };
