import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { once } from 'node:events';
import type { Receiver } from './Receiver.ts';

/** What becomes of one request: `pass` goes on to the receiver, whose answer comes back. */
export type Misbehaviour = (
  response: ServerResponse,
  pass: () => Promise<{ readonly status: number; readonly body: Buffer }>,
) => Promise<void> | void;

/** As the receiver answers. */
export const properly: Misbehaviour = async (response, pass) => {
  const { status, body } = await pass().catch(() => ({ status: 502, body: Buffer.alloc(0) }));
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
};

/** Stands before a receiver and misbehaves, one request after the other as it is told, then no more. */
export class BadReceiver implements AsyncDisposable {
  readonly #server: Server;
  readonly #receiver: Receiver;
  readonly #misbehaviours: Misbehaviour[] = [];
  requests = 0;

  static async before(receiver: Receiver): Promise<BadReceiver> {
    const [cert, key] = await Promise.all(
      ['receiver.pem', 'receiver.key'].map((name) => readFile(receiver.certificates.path(name))),
    );
    const bad = new BadReceiver(receiver, createServer({ cert, key }));
    bad.#server.listen(0, '127.0.0.1');
    await once(bad.#server, 'listening');
    return bad;
  }

  private constructor(receiver: Receiver, server: Server) {
    this.#receiver = receiver;
    this.#server = server;
    server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      void this.#answer(incoming, response);
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  willDo(...misbehaviours: readonly Misbehaviour[]): void {
    this.#misbehaviours.push(...misbehaviours);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const body = await buffer(incoming);
    const pass = async (): Promise<{ readonly status: number; readonly body: Buffer }> => {
      const { url, ca } = this.#receiver.config();
      const passing = request(url, {
        method: 'POST',
        headers: { ...incoming.headers, 'content-length': body.length },
        ca: await readFile(String(ca)),
        agent: false,
      });
      passing.end(body);
      const [answer] = (await once(passing, 'response')) as [IncomingMessage];
      return { status: answer.statusCode ?? 0, body: await buffer(answer) };
    };
    const behave = this.#misbehaviours.shift() ?? properly;
    await behave(response, pass);
  }
}
