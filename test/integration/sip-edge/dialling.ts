import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import type { Call } from '#signaling/call.ts';
import type { DialRequest } from '#signaling/dial.ts';
import type { TransportOptions } from '#signaling/sip/stack/index.ts';
import type { SipRequest } from '#signaling/sip/stack/message/index.ts';
import { respond } from '../sip-engine/PeerCall.ts';
import { SipPeer } from '../sip-engine/SipPeer.ts';
import { startEdge, TestEndpoint, TestOwner, type TestEdge } from './edge.ts';
import { phoneSdp } from './Phone.ts';

/** Names that the far ends of these tests have; all are on this machine. */
export const farNames = ['partner.example', 'other.example', 'linked.example'];

/** An edge that finds the far ends' names here, and takes the certificates that `tlsClient` takes. */
export function startDialler(
  transports: Pick<TransportOptions, 'tlsClient' | 'routes' | 'sentBy' | 'dns'>,
): Promise<TestEdge> {
  return startEdge({
    engine: {
      transports: {
        dns: {
          naptr: () => Promise.resolve([]),
          srv: () => Promise.resolve([]),
          addresses: (name) => Promise.resolve(farNames.includes(name) ? ['127.0.0.1'] : ['192.0.2.1']),
        },
        limits: { connectTimeoutMs: 1000, halfCloseTimeoutMs: 100 },
        ...transports,
      },
    },
  });
}

/** A SIP server over TLS that the zone calls; it says what the test says and nothing else. */
export interface FarEnd extends Disposable {
  readonly port: number;
  /** The next connection whose handshake is through. */
  connected(): Promise<SipPeer>;
  /** All connections so far. */
  readonly peers: readonly SipPeer[];
}

export async function startFarEnd(context: TlsOptions): Promise<FarEnd> {
  const peers: SipPeer[] = [];
  const unclaimed: SipPeer[] = [];
  const waiting: ((peer: SipPeer) => void)[] = [];
  const server = createServer(context, (socket) => {
    const peer = SipPeer.onStream(socket, 'TLS');
    peers.push(peer);
    const taker = waiting.shift();
    if (taker === undefined) unclaimed.push(peer);
    else taker(peer);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    peers,
    connected: () => {
      const peer = unclaimed.shift();
      return peer === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(peer);
    },
    [Symbol.dispose]: () => {
      for (const peer of peers) peer[Symbol.dispose]();
      server.close();
    },
  };
}

export interface Dialled {
  readonly call: Call;
  readonly owner: TestOwner;
  readonly endpoint: TestEndpoint;
  /** Code of the error, or `answered`. */
  readonly outcome: Promise<string>;
}

/** A call of the zone's that goes out at once. */
export function dial(zone: TestEdge, uri: string, request: Partial<DialRequest> = {}): Dialled {
  const call = zone.edge.call({
    ...{ uri, room: 'room', fromUser: 'room', displayName: 'Meeting', ringingMs: 10_000 },
    ...request,
  });
  const [owner, endpoint] = [new TestOwner(), new TestEndpoint(undefined)];
  const outcome = call.admit(endpoint, owner).then(
    () => 'answered',
    (error: unknown) => String((error as { code?: unknown }).code),
  );
  return { call, owner, endpoint, outcome };
}

/** What a phone answers to our offer. */
export const answer = phoneSdp({ codecs: '9 101' });

/** The far end takes the call. */
export async function pickUp(peer: SipPeer, body = answer): Promise<SipRequest> {
  const invite = await peer.request('INVITE');
  respond(peer, invite, 180);
  respond(peer, invite, 200, { body });
  return invite;
}

/** Methods and statuses that came, in order. */
export function story({ seen }: SipPeer): readonly (string | number)[] {
  return seen.map((message) => (message.kind === 'request' ? message.method : message.status));
}
