import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import {
  Transports,
  type Flow,
  type SipDns,
  type SocketAddress,
  type TransportEvents,
  type TransportOptions,
} from '#signaling/sip/stack/transport/index.ts';

const noDns: SipDns = {
  naptr: () => Promise.resolve([]),
  srv: () => Promise.resolve([]),
  addresses: () => Promise.reject(new Error('no DNS in this test')),
};

/** Disposable transports that look nothing up and log nothing. */
export function openTransports(options: Partial<TransportOptions> = {}): Transports {
  return new Transports({ log: pino({ level: 'silent' }), dns: noDns, ...options });
}

/** The next event of that name. */
export function next<E extends keyof TransportEvents>(
  transports: Transports,
  event: E,
): Promise<TransportEvents[E]> {
  return new Promise((resolve) => {
    transports.on(event, (...values) => resolve(values));
  });
}

/** Collects the Call-IDs of all requests. */
export function callIdsOf(transports: Transports): string[] {
  const callIds: string[] = [];
  transports.on('request', (request) => callIds.push(request.callId));
  return callIds;
}

export interface OptionsText {
  readonly callId?: string;
  readonly via?: string;
  readonly method?: string;
  readonly body?: string;
}

/** An OPTIONS request as a peer would send it. */
export function optionsRequest(text: OptionsText = {}): Buffer {
  const { callId = 'one@test', via = 'SIP/2.0/TCP peer.example;branch=z9hG4bK1;rport', body = '' } = text;
  const method = text.method ?? 'OPTIONS';
  return Buffer.from(
    [
      `${method} sip:room@zone.example SIP/2.0`,
      `Via: ${via}`,
      'Max-Forwards: 70',
      'From: <sip:peer@peer.example>;tag=a',
      'To: <sip:room@zone.example>',
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

/** A plain TCP client. Dispose of it with `destroy`. */
export async function dial(place: SocketAddress): Promise<Socket> {
  const socket = connect({ host: place.address, port: place.port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the far end closes. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.once('end', () => socket.destroy());
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

/** Reads until what came holds `text`. */
export function readUntil(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const read = (chunk: Buffer): void => {
      seen += chunk.toString();
      if (!seen.includes(text)) return;
      socket.off('data', read);
      resolve(seen);
    };
    socket.on('data', read);
    socket.once('close', () => reject(new Error(`closed after ${JSON.stringify(seen)}`)));
  });
}

/** Resolves once the flow is closed. */
export function closedOf(transports: Transports): Promise<Flow> {
  return next(transports, 'flowClosed').then(([flow]) => flow);
}
