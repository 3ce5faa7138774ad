import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Caller } from '../MarkerBook.ts';
import { waitFor } from '../waitFor.ts';
import { PhoneMedia } from './PhoneMedia.ts';
import { SipConnection, type SipMessage } from './SipConnection.ts';
import type { SipIdentity } from './SipIdentity.ts';

/** Somebody outside whom a zone calls: takes the call, talks, and keeps all that came. */
export class FarEnd implements AsyncDisposable {
  readonly identity: SipIdentity;
  readonly media: PhoneMedia;
  readonly #server: Server;
  readonly #connections: SipConnection[] = [];

  /** `folder`: its certificate and key, of the CA that the zone trusts. */
  static async listen(folder: string, identity: SipIdentity): Promise<FarEnd> {
    await using stack = new AsyncDisposableStack();
    const media = stack.use(await PhoneMedia.open(identity.address, { cname: identity.plant('RTCP CNAME') }));
    const [cert, key] = [
      await readFile(join(folder, 'certificate.pem')),
      await readFile(join(folder, 'key.pem')),
    ];
    const server = createServer({ cert, key });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stack.move();
    return new FarEnd(identity, media, server);
  }

  private constructor(identity: SipIdentity, media: PhoneMedia, server: Server) {
    this.identity = identity;
    this.media = media;
    this.#server = server;
    server.on('tlsClientError', () => undefined);
    server.on('secureConnection', (socket: TLSSocket) => {
      const connection = new SipConnection(socket);
      connection.onRequest = (request) => this.#answer(connection, request);
      this.#connections.push(connection);
    });
  }

  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  get caller(): Caller {
    return this.identity.caller;
  }

  get heard(): readonly Buffer[] {
    return [...this.#connections.flatMap(({ heard }) => heard), ...this.media.heard];
  }

  /** A request of the zone that has come. */
  whenAsked(method: string): Promise<SipMessage> {
    return waitFor(`a ${method} to ${this.identity.caller.name}`, () =>
      this.#connections
        .flatMap(({ received }) => received)
        .find(({ startLine }) => startLine.startsWith(`${method} `)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection[Symbol.asyncDispose]()));
    await this.media[Symbol.asyncDispose]();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(connection: SipConnection, request: SipMessage): void {
    const { identity } = this;
    const about = [identity.contact(this.port), ...identity.headers];
    if (!request.startLine.startsWith('INVITE ')) connection.answer(request, '200 OK', about);
    else {
      this.media.start(request.body);
      const asked = request.headers.get('to') ?? '';
      const to = asked.includes(';tag=') ? asked : `${asked};tag=${identity.fromTag}`;
      const headers = new Map([...request.headers, ['to', to]]);
      const more = [...about, `Server: ${identity.plant('Server')}/1.0`, 'Content-Type: application/sdp'];
      connection.answer({ ...request, headers }, '200 OK', more, identity.sdp(this.media.offered, true));
    }
  }
}
