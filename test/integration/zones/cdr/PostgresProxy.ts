import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const socketName = '.s.PGSQL.5432';

/** Between a zone and its PostgreSQL; it can lose the answer to what was committed, and is away then. */
export class PostgresProxy implements AsyncDisposable {
  readonly urlFile: string;
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #losing: (() => void) | undefined;
  #isAway = false;

  /** `url`: of a database behind a Unix socket. */
  static async start(url: string): Promise<PostgresProxy> {
    const proxy = new PostgresProxy(await mkdtemp(join(tmpdir(), 'zonebridge-proxy-')), url);
    const own = new URL(url);
    own.searchParams.set('host', proxy.#folder);
    await writeFile(proxy.urlFile, `${own.href}\n`);
    proxy.#server.listen(join(proxy.#folder, socketName));
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(folder: string, url: string) {
    this.#folder = folder;
    this.urlFile = join(folder, 'url');
    const target = join(new URL(url).searchParams.get('host') ?? '', socketName);
    this.#server = createServer((client) => this.#serve(client, target));
  }

  /** Resolves when the answer to the next INSERT is lost. From then on nobody gets through. */
  loseNextInsert(): Promise<void> {
    return new Promise((resolve) => (this.#losing = resolve));
  }

  comeBack(): void {
    this.#isAway = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await rm(this.#folder, { recursive: true });
  }

  #serve(client: Socket, target: string): void {
    if (this.#isAway) {
      client.destroy();
      return;
    }
    const server = createConnection(target);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      if (this.#losing === undefined || !data.includes('INSERT 0 ')) {
        client.write(data);
        return;
      }
      this.#isAway = true;
      client.destroy();
      this.#losing();
      this.#losing = undefined;
    });
  }
}
