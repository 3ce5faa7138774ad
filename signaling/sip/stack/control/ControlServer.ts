import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { Closable, ZonebridgeError, errorText, type Log } from '#kernel/index.ts';
import type { Application, ApplicationRouter } from '../dialog/index.ts';
import { AppLink, type Command } from './AppLink.ts';

export interface ControlAddress {
  readonly host: string;
  readonly port: number;
  /** 256 bits, new for each server. */
  readonly secret: string;
}

interface Options {
  readonly log: Log;
  readonly maxFrameBytes: number;
  /** A command of an application that has shown the secret. */
  command(link: AppLink, command: Command): Promise<void>;
  /** Nobody is at the other end of a link any more. */
  linkClosed(link: AppLink): void;
  /** What `authenticate` is answered with: `tls/1.2.3.4:5061,…`. */
  listening(): string;
}

/** drachtio-srf asks for at least v0.8.2, and what it can do since then this server can. */
const serverVersion = 'v0.9.10';
const authenticateTimeoutMs = 5000;

/** The server side of the drachtio control protocol, on the loopback interface. */
export class ControlServer extends Closable implements ApplicationRouter {
  readonly #options: Options;
  readonly #secret = randomBytes(32).toString('hex');
  readonly #server: Server;
  readonly #links = new Set<AppLink>();
  readonly #turns = new Map<string, number>();
  #port = 0;

  constructor(options: Options) {
    super();
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: false }, (socket) => this.#connected(socket));
  }

  /** Opens a port that nobody else knows. Throws `unavailable`. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(new ZonebridgeError('unavailable', noPort, { cause: error })),
      );
      this.#server.listen({ host: '127.0.0.1', port: 0 }, resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new ZonebridgeError('internal', noPort);
    this.#port = address.port;
  }

  get address(): ControlAddress {
    return { host: '127.0.0.1', port: this.#port, secret: this.#secret };
  }

  get links(): number {
    return this.#links.size;
  }

  /** The applications that want the method take turns. */
  pick(method: string): Application | undefined {
    const willing = [...this.#links].filter((link) => link.alive && link.routes.has(method));
    const turn = this.#turns.get(method) ?? 0;
    this.#turns.set(method, turn + 1);
    return willing[turn % willing.length];
  }

  protected override async release(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #connected(socket: Socket): void {
    const { log, maxFrameBytes } = this.#options;
    const link = this.own(
      new AppLink({ socket, log, maxFrameBytes, command: (from, command) => this.#command(from, command) }),
    );
    this.#links.add(link);
    const timer = setTimeout(() => {
      if (!link.authenticated) void link.close('the application did not authenticate');
    }, authenticateTimeoutMs).unref();
    void link.whenClosed.then(() => {
      clearTimeout(timer);
      this.#links.delete(link);
      this.#options.linkClosed(link);
    });
  }

  #command(link: AppLink, command: Command): void {
    const { id, type, tokens } = command;
    if (type === 'authenticate') this.#authenticate(link, id, tokens[0] ?? '');
    else if (!link.authenticated) void link.close('the application did not authenticate');
    else if (type === 'ping') link.answer(id, 'OK|pong');
    else if (type === 'route') {
      link.routes.add((tokens[0] ?? '').toUpperCase());
      link.answer(id, 'OK');
    } else if (type === 'remove_route') {
      link.routes.delete((tokens[0] ?? '').toUpperCase());
      link.answer(id, 'OK');
    } else {
      this.#options.command(link, command).catch((error: unknown) => link.refuse(id, errorText(error)));
    }
  }

  #authenticate(link: AppLink, id: string, secret: string): void {
    if (!timingSafeEqual(digest(secret), digest(this.#secret))) {
      this.#options.log.warn('an application on the loopback interface gave a wrong drachtio secret');
      link.answer(id, 'NO|incorrect secret');
      void link.close('incorrect secret');
      return;
    }
    link.authenticated = true;
    const listening = this.#options.listening();
    link.answer(id, `OK|${listening}|${serverVersion}|${listening}`);
  }
}

const noPort = 'the drachtio control port could not be opened on 127.0.0.1';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
