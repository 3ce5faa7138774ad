import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Caller, MarkerBook } from '../MarkerBook.ts';
import { waitFor } from '../waitFor.ts';
import { browserAnswer } from './browserAnswer.ts';
import { addressField } from './SipIdentity.ts';

export interface WebTarget {
  /** Name and port of the page. */
  readonly host: string;
  readonly port: number;
  /** PEM of the CA. */
  readonly ca: string;
}

/** As any browser that talks to us must know it. */
const subprotocol = 'zonebridge.1';

interface Message {
  readonly type: string;
  readonly offerId?: number;
  readonly sdp?: string;
}

/**
 * A browser as the server sees it: the WebSocket of the page, with markers in all that a person or a browser can put there. It answers
 * offers and joins; it makes no ICE connection, so nothing is heard by it.
 */
export class WebCaller implements AsyncDisposable {
  readonly caller: Caller;
  readonly heard: Buffer[] = [];
  readonly #book: MarkerBook;
  readonly #socket: WebSocket;
  readonly #messages: Message[] = [];

  /** Resolves when the WebSocket is open. */
  static async open(
    { host, port, ca }: WebTarget,
    room: string,
    book: MarkerBook,
    caller: Caller,
  ): Promise<WebCaller> {
    const plant = (field: string): string => book.plant(field, caller);
    const url = `wss://${host}:${port}/api/rooms/${room}/ws?${plant('page query')}=1`;
    const socket = new WebSocket(url, subprotocol, {
      ca,
      localAddress: book.plantAddress(addressField, caller),
      // `all` is not set for a connection from an address of its own.
      lookup: (_name, _options, done) => done(null, '127.0.0.1', 4),
      headers: {
        'User-Agent': `${plant('browser User-Agent')}/1.0`,
        Cookie: `${plant('cookie name')}=${plant('cookie')}`,
        Referer: `https://${host}:${port}/${plant('Referer')}`,
        'Accept-Language': plant('Accept-Language'),
        'X-Forwarded-For': plant('X-Forwarded-For'),
        'X-Unknown': plant('unknown HTTP header'),
      },
    });
    const web = new WebCaller(book, caller, socket);
    await once(socket, 'open');
    return web;
  }

  private constructor(book: MarkerBook, caller: Caller, socket: WebSocket) {
    this.#book = book;
    this.caller = caller;
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('upgrade', ({ rawHeaders }) => this.heard.push(Buffer.from(rawHeaders.join('\n'))));
    socket.on('close', (_code, reason) => this.heard.push(reason));
    socket.on('message', (data: Buffer) => this.#receive(data));
  }

  /** Asks to come in, and answers what is offered. */
  join(): void {
    this.send({ type: 'join', name: this.plant('browser display name') });
  }

  send(message: object | string): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Resolves when so many messages of that type have come. */
  async whenTold(type: string, times = 1): Promise<void> {
    await waitFor(
      `message ${times} of type ${type} for ${this.caller.name}`,
      () => this.#count(type) >= times,
    );
  }

  plant(field: string): string {
    return this.#book.plant(field, this.caller);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    const timer = setTimeout(() => this.#socket.terminate(), 1_000);
    await closed;
    clearTimeout(timer);
  }

  #count(type: string): number {
    return this.#messages.filter((message) => message.type === type).length;
  }

  #receive(data: Buffer): void {
    this.heard.push(data);
    const message = JSON.parse(data.toString()) as Message;
    this.#messages.push(message);
    if (message.type !== 'offer' || message.sdp === undefined) return;
    const sdp = browserAnswer(message.sdp, randomBytes(32), (field) => this.plant(field));
    this.send({ type: 'answer', offerId: message.offerId, sdp });
  }
}
