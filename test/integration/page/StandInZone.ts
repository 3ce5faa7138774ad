import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  clientMessageSchema,
  webSocketSubprotocol,
  type ClientMessage,
  type ServerMessage,
} from '#signaling/web/protocol.ts';
import { securityHeaders } from '#signaling/web/securityHeaders.ts';
import { waitFor } from '#test/support/waitFor.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Serves the built page under a zone's own headers; the test plays the zone's part on each WebSocket. */
export class StandInZone implements AsyncDisposable {
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #connections: BrowserConnection[] = [];
  #taken = 0;
  /** False: connections are cut at once, as when the zone is being restarted. */
  accepting = true;

  static async start(webRoot: string): Promise<StandInZone> {
    const zone = new StandInZone(webRoot);
    zone.#http.listen(0, '127.0.0.1');
    await once(zone.#http, 'listening');
    return zone;
  }

  private constructor(webRoot: string) {
    this.#http = createServer((request, response) => serveFile(webRoot, request, response));
    this.#webSockets = new WebSocketServer({
      server: this.#http,
      handleProtocols: () => webSocketSubprotocol,
    });
    this.#webSockets.on('connection', (socket, { url }) => {
      if (this.accepting) this.#connections.push(new BrowserConnection(socket, url ?? ''));
      else socket.terminate();
    });
  }

  get url(): string {
    // A secure context without a certificate.
    return `http://localhost:${(this.#http.address() as AddressInfo).port}`;
  }

  /** The next connection of a page, in order. */
  async nextConnection(): Promise<BrowserConnection> {
    const index = this.#taken++;
    return waitFor('a page opening its WebSocket', () => this.#connections[index]);
  }

  /** Connections that were not taken belong to pages that are gone. */
  forgetConnections(): void {
    this.#taken = this.#connections.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#webSockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }
}

/** One page's WebSocket. What it says must fit the protocol. */
export class BrowserConnection {
  readonly path: string;
  readonly #socket: WebSocket;
  readonly #messages: ClientMessage[] = [];

  constructor(socket: WebSocket, path: string) {
    this.path = path;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#messages.push(clientMessageSchema.parse(JSON.parse(data.toString())));
    });
  }

  send(message: ServerMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Takes the next message of this type, which may have come already. */
  async take<T extends ClientMessage['type']>(type: T): Promise<Extract<ClientMessage, { type: T }>> {
    return waitFor(`the message "${type}"`, () => {
      const index = this.#messages.findIndex((message) => message.type === type);
      const [message] = index < 0 ? [] : this.#messages.splice(index, 1);
      return message as Extract<ClientMessage, { type: T }> | undefined;
    });
  }

  /** As a network does that breaks. */
  cut(): void {
    this.#socket.terminate();
  }
}

function serveFile(webRoot: string, { url }: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(url ?? '/', 'http://localhost');
  const isFile = extname(pathname) !== '' && existsSync(join(webRoot, pathname));
  const file = isFile ? pathname : 'index.html';
  response.setHeaders(new Map(Object.entries(securityHeaders)));
  response.setHeader('Content-Type', contentTypes[extname(file)] ?? 'application/octet-stream');
  createReadStream(join(webRoot, file)).pipe(response);
}
