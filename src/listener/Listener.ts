import { createServer, type Server, type Socket } from 'node:net';
import {
  Closable,
  WaitingRoom,
  ZonebridgeError,
  isListed,
  plainAddress,
  sourceOf,
  uriHost,
  type Log,
} from '#kernel/index.ts';
import { Opening, type Verdict } from './Opening.ts';
import { alertRecord, looksLikeHttp, plainHttpAnswer } from './refusals.ts';
import { RouteTable, type ZoneRoute } from './RouteTable.ts';

export type { ZoneRoute } from './RouteTable.ts';

export interface ListenPort {
  readonly protocol: 'sip' | 'https';
  readonly address: string;
  readonly port: number;
  /** A port of this zone alone: its connections are handed over unread. */
  readonly zone?: ZoneRoute;
}

export interface ListenerLimits {
  readonly maxOpenings: number;
  readonly maxOpeningsPerSource: number;
  readonly maxOpeningBytes: number;
  readonly openingTimeoutMs: number;
}

/** All that is known of connections here, over all zones and without any address. */
export interface ListenerCounters {
  accepted: number;
  handed: number;
  notTls: number;
  malformed: number;
  unknownName: number;
  zoneDown: number;
  tooSlow: number;
  putOut: number;
}

/** How long a refused peer may take to read why. */
const lingerMs = 1_000;

/**
 * The blind front door: reads the server name of a TLS opening and hands the socket to the zone that has it. It holds no
 * key, decrypts nothing and logs no address.
 */
export class Listener extends Closable {
  readonly counters: ListenerCounters = {
    accepted: 0,
    handed: 0,
    notTls: 0,
    malformed: 0,
    unknownName: 0,
    zoneDown: 0,
    tooSlow: 0,
    putOut: 0,
  };
  readonly #routes: RouteTable;
  readonly #limits: ListenerLimits;
  readonly #waiting: WaitingRoom<Opening>;
  readonly #refused: WaitingRoom<Socket>;
  readonly #servers: Server[] = [];
  readonly #log: Log;

  /** Throws `unavailable` when a port cannot be opened, with what to do about it. */
  static async create(
    routes: readonly ZoneRoute[],
    ports: readonly ListenPort[],
    limits: ListenerLimits,
    log: Log,
  ): Promise<Listener> {
    await using stack = new AsyncDisposableStack();
    const listener = stack.use(new Listener(routes, limits, log));
    for (const port of ports) await listener.#open(port);
    stack.move();
    return listener;
  }

  private constructor(routes: readonly ZoneRoute[], limits: ListenerLimits, log: Log) {
    super();
    this.#routes = new RouteTable(routes);
    this.#limits = limits;
    this.#log = log;
    const { maxOpenings: total, maxOpeningsPerSource: perSource } = limits;
    this.#waiting = new WaitingRoom({ total, perSource }, (opening) => {
      this.counters.putOut += 1;
      drop(opening);
    });
    this.#refused = new WaitingRoom({ total, perSource }, (socket) => socket.destroy());
  }

  protected release(): void {
    // A server's close event waits for the sockets that it has accepted, also for those that a zone has by now.
    for (const server of this.#servers) server.close();
    this.#waiting.clear();
    this.#refused.clear();
    this.#log.info({ ...this.counters }, 'listener closed');
  }

  async #open(port: ListenPort): Promise<void> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      this.counters.accepted += 1;
      const { zone, protocol } = port;
      if (zone === undefined) this.#read(socket, protocol);
      else this.#hand(zone, socket, protocol, Buffer.alloc(0));
    });
    this.#servers.push(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', (error) => reject(openFailure(port, error)));
    server.listen({ host: port.address, port: port.port }, resolve);
    await promise;
    server.on('error', (error) => this.#log.error({ error: error.message }, 'accepting failed'));
  }

  #read(socket: Socket, protocol: ListenPort['protocol']): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    const opening: Opening = new Opening({
      socket,
      proxied: isListed(this.#routes.balancers, address),
      maxBytes: this.#limits.maxOpeningBytes,
      timeoutMs: this.#limits.openingTimeoutMs,
      onRead: (verdict, bytes) => {
        this.#waiting.leave(opening);
        this.#route(verdict, socket, protocol, bytes);
      },
      onTimeout: () => {
        this.counters.tooSlow += 1;
        this.#waiting.leave(opening);
        drop(opening);
      },
    });
    this.#waiting.enter(sourceOf(address), opening);
    socket.once('close', () => {
      opening.stop();
      this.#waiting.leave(opening);
    });
    socket.resume();
  }

  #route(verdict: Verdict, socket: Socket, protocol: ListenPort['protocol'], bytes: Buffer): void {
    if (verdict.kind === 'not-tls') {
      this.counters.notTls += 1;
      this.#refuse(socket, protocol === 'https' && looksLikeHttp(bytes) ? plainHttpAnswer : undefined);
    } else if (verdict.kind === 'malformed') {
      this.counters.malformed += 1;
      this.#refuse(socket, alertRecord('decode-error'));
    } else {
      const zone = this.#routes.find(verdict.serverName);
      if (zone !== undefined) return this.#hand(zone, socket, protocol, bytes);
      this.counters.unknownName += 1;
      this.#refuse(socket, alertRecord('unrecognized-name'));
    }
  }

  #hand(zone: ZoneRoute, socket: Socket, protocol: ListenPort['protocol'], opening: Buffer): void {
    if (zone.hand(socket, { protocol, opening })) {
      this.counters.handed += 1;
      return;
    }
    this.counters.zoneDown += 1;
    this.#refuse(socket, alertRecord('internal-error'));
  }

  /** Closes, after last words if there are any. What the peer still sends is read away, so that it can read them. */
  #refuse(socket: Socket, lastWords: Buffer | undefined): void {
    if (lastWords === undefined) {
      socket.destroy();
      return;
    }
    this.#refused.enter(sourceOf(plainAddress(socket.remoteAddress ?? '')), socket);
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#refused.leave(socket);
    });
    socket.end(lastWords);
    socket.resume();
  }
}

function drop(opening: Opening): void {
  opening.stop();
  opening.socket.destroy();
}

const openFailures: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it; stop that one, or choose other ports with --sip-port and --https-port',
  EACCES:
    'ports below 1024 need root or CAP_NET_BIND_SERVICE; choose others with --sip-port and --https-port',
  EADDRNOTAVAIL: 'this machine does not have that address',
};

function openFailure({ address, port, protocol }: ListenPort, error: NodeJS.ErrnoException): ZonebridgeError {
  const what = `the ${protocol === 'sip' ? 'SIP' : 'HTTPS'} port ${uriHost(address)}:${port} cannot be opened`;
  return new ZonebridgeError('unavailable', `${what}: ${openFailures[error.code ?? ''] ?? error.message}`);
}
