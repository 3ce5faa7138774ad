import {
  createServer as createPlain,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** How a server answers one request; the request's own text is read already. */
export type Behaviour = (
  response: Parameters<RequestListener>[1],
  request: IncomingMessage,
  asked: Asked,
) => void;

/** A small real HTTP server that does to each request what it was told. */
export class MisbehavingServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly url: string;
  readonly #server: Server;

  /** `behave` is asked for each request, in the order in which they come. */
  static async start(behave: Behaviour, secure?: { cert: string; key: string }): Promise<MisbehavingServer> {
    const asked: Asked[] = [];
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const what: Asked = {
          method: request.method ?? '',
          url: new URL(request.url ?? '', 'http://server'),
          authorization: request.headers.authorization,
          body: Buffer.concat(chunks).toString(),
        };
        asked.push(what);
        behave(response, request, what);
      });
    };
    const server = secure === undefined ? createPlain(listener) : createSecure(secure, listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new MisbehavingServer(
      server,
      asked,
      `${secure === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    );
  }

  private constructor(server: Server, asked: Asked[], url: string) {
    this.#server = server;
    this.asked = asked;
    this.url = url;
  }

  /** Connections that are open now. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** A proper answer. */
export function json(value: unknown): Behaviour {
  return (response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
}
