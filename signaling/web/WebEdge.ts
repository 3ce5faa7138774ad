import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import fastifyStatic from '@fastify/static';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  Closable,
  errorText,
  sourceOf,
  WaitingRoom,
  type Log,
  type WaitingRoomLimits,
} from '#kernel/index.ts';
import type { AuthenticatedPerson, CallHandler, CallOrigin, TlsInfo } from '../call.ts';
import type { WebIdentity } from './identity.ts';
import { MessagePace } from './MessagePace.ts';
import { closeCodes, clientMessageSchema, webSocketSubprotocol, type ClientMessage } from './protocol.ts';
import { securityHeaders } from './securityHeaders.ts';
import { WebCall } from './WebCall.ts';

const defaultJoinDeadlineMs = 10_000;
const pingIntervalMs = 15_000;
/** As much as of a phone's. */
const maxUserAgentCharacters = 256;
const maxMessageBytes = 128 * 1024;
const roomPath = /^\/api\/rooms\/([a-z0-9][a-z0-9._-]{0,63})\/ws(?:\?|$)/;
/** Connections that have not joined a room. A whole company may come from one address, several connections a browser. */
const defaultLimits: WaitingRoomLimits = { total: 4000, perSource: 1000 };

export interface WebEdgeOptions {
  /** Folder with the built page. */
  readonly webRoot: string;
  readonly onCall: CallHandler;
  readonly log: Log;
  /** Absent: nobody can log in. */
  readonly identity?: WebIdentity;
  /** Of connections that have not joined a room. */
  readonly limits?: WaitingRoomLimits;
  /** How long a browser may take to its first message; not how long it may wait for a PIN or in a lobby. */
  readonly joinDeadlineMs?: number;
  /** How long a request may take to arrive. */
  readonly requestTimeoutMs?: number;
}

/** Who is at the other end of an established TLS connection. */
export interface WebPeer {
  readonly remote: { readonly address: string; readonly port: number };
  readonly tls: TlsInfo;
}

/** The page and its WebSocket. It has no port: established TLS connections are handed to it. */
export class WebEdge extends Closable {
  readonly #options: WebEdgeOptions;
  readonly #http: Server;
  readonly #app: FastifyInstance;
  readonly #webSockets: WebSocketServer;
  readonly #peers = new WeakMap<Duplex, WebPeer>();
  readonly #waiting: WaitingRoom<Duplex>;
  readonly #pings: NodeJS.Timeout;

  static async create(options: WebEdgeOptions): Promise<WebEdge> {
    const edge = new WebEdge(options);
    await edge.#prepare();
    return edge;
  }

  private constructor(options: WebEdgeOptions) {
    super();
    this.#options = options;
    this.#waiting = new WaitingRoom(options.limits ?? defaultLimits, (socket) => socket.destroy());
    const requestTimeout = options.requestTimeoutMs ?? 10_000;
    this.#http = createServer({
      headersTimeout: requestTimeout,
      requestTimeout,
      connectionsCheckingInterval: requestTimeout / 2,
      keepAliveTimeout: 30_000,
    });
    const http = this.#http;
    this.#app = fastify({
      serverFactory: (handler) => http.on('request', handler),
      forceCloseConnections: true,
      routerOptions: { ignoreTrailingSlash: true },
    });
    this.#webSockets = new WebSocketServer({
      noServer: true,
      maxPayload: maxMessageBytes,
      handleProtocols: (offered) => (offered.has(webSocketSubprotocol) ? webSocketSubprotocol : false),
    });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http.on('clientError', (_error, socket) => socket.destroy());
    // A server without a port never does that, and would neither watch its time limits nor know its connections.
    this.#http.emit('listening');
    this.#pings = setInterval(() => this.#pingAll(), pingIntervalMs).unref();
  }

  /** Takes over an established TLS connection. */
  accept(socket: TLSSocket, peer: WebPeer): void {
    if (this.closed) {
      socket.destroy();
      return;
    }
    this.#peers.set(socket, peer);
    this.#waiting.enter(sourceOf(peer.remote.address), socket);
    socket.once('close', () => this.#waiting.leave(socket));
    this.#http.emit('connection', socket);
  }

  protected async release(): Promise<void> {
    clearInterval(this.#pings);
    for (const socket of this.#webSockets.clients) socket.terminate();
    this.#waiting.clear();
    await this.#app.close();
    this.#http.close();
    this.#http.closeAllConnections();
  }

  async #prepare(): Promise<void> {
    this.#app.addHook('onSend', async (_request, reply) => {
      reply.headers(securityHeaders);
    });
    await this.#app.register(fastifyStatic, { root: this.#options.webRoot, index: false, wildcard: false });
    this.#options.identity?.routes(this.#app);
    const page = (_request: FastifyRequest, reply: FastifyReply): FastifyReply =>
      reply.sendFile('index.html');
    this.#app.get('/', page);
    this.#app.get('/:room', page);
    await this.#app.ready();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const room = roomPath.exec(request.url ?? '')?.[1];
    const peer = this.#peers.get(request.socket);
    if (room === undefined || peer === undefined) return rejectUpgrade(socket, '404 Not Found');
    if (!sameOrigin(request)) return rejectUpgrade(socket, '403 Forbidden');
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#awaitJoin(webSocket, room, () => {
        this.#waiting.leave(request.socket);
        // Only now: who has logged out since is nobody.
        return originOf(peer, request, this.#options.identity?.personOf(request));
      });
    });
  }

  /** The first message must be `join`, soon. `onJoin` tells where the call comes from. */
  #awaitJoin(socket: WebSocket, room: string, onJoin: () => CallOrigin): void {
    let call: WebCall | undefined;
    const pace = new MessagePace();
    const deadline = setTimeout(
      () => socket.close(closeCodes.badMessage, 'no join message came'),
      this.#options.joinDeadlineMs ?? defaultJoinDeadlineMs,
    );
    alive.add(socket);
    socket.on('pong', () => alive.add(socket));
    socket.on('error', (error) => this.#options.log.debug({ error: errorText(error) }, 'web socket error'));
    socket.once('close', () => clearTimeout(deadline));
    socket.on('ping', () => slowDown(socket, pace));
    socket.on('message', (data, isBinary) => {
      if (socket.readyState !== socket.OPEN) return;
      slowDown(socket, pace);
      const message = isBinary ? undefined : readMessage(data as Buffer);
      if (message === undefined || (message.type === 'join') !== (call === undefined)) {
        socket.close(closeCodes.badMessage, 'the message does not fit the protocol');
      } else if (message.type !== 'join') {
        call?.receive(message);
      } else {
        clearTimeout(deadline);
        const origin = onJoin();
        const { name: displayName, muted, camera } = message;
        call = new WebCall({ socket, room, displayName, muted, camera, origin, log: this.#options.log });
        this.#options.onCall(call);
      }
    });
  }

  #pingAll(): void {
    for (const socket of this.#webSockets.clients) {
      if (!alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }
}

/** Sockets that answered since the last ping. */
const alive = new WeakSet<WebSocket>();

/** Who talks too fast is not read for a while: his own connection fills, and nothing here. */
function slowDown(socket: WebSocket, pace: MessagePace): void {
  const pauseMs = pace.take(performance.now());
  if (pauseMs === 0 || socket.isPaused) return;
  socket.pause();
  setTimeout(() => socket.resume(), pauseMs);
}

function readMessage(data: Buffer): ClientMessage | undefined {
  let json: unknown;
  try {
    json = JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
  const result = clientMessageSchema.safeParse(json);
  return result.success ? result.data : undefined;
}

/** A page of another site must not use its visitor's browser to join (RFC 6455 §10.2). */
function sameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function originOf(
  peer: WebPeer,
  request: IncomingMessage,
  person: AuthenticatedPerson | undefined,
): CallOrigin {
  const userAgent = request.headers['user-agent']?.slice(0, maxUserAgentCharacters);
  return {
    transport: 'ws',
    remoteAddress: peer.remote.address,
    remotePort: peer.remote.port,
    tls: peer.tls,
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(person === undefined ? {} : { person }),
    // A browser says nothing that tells more than its user agent does, and has no way to ask for privacy.
    signs: [],
    wantsPrivacy: false,
  };
}

function rejectUpgrade(socket: Duplex, status: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
