import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { parseMessage, type SipRequest, type SipResponse } from '#signaling/sip/stack/message/index.ts';
import type { SocketAddress } from '#signaling/sip/stack/transport/index.ts';

type Message = SipRequest | SipResponse;
type Wanted = string | number;

const deadlineMs = 10_000;

interface Wire {
  readonly transport: 'UDP' | 'TCP' | 'TLS';
  /** host:port of this end. */
  readonly local: string;
  send(bytes: Buffer): void;
  close(): void;
}

/** The other end of a call, as a phone is seen from the engine: it sends what the test says and answers nothing. */
export class SipPeer implements Disposable {
  readonly wire: Wire;
  readonly #waiting: { wanted: Wanted; resolve(message: Message): void }[] = [];
  readonly #unread: Message[] = [];
  /** Every message that came, in order. */
  readonly seen: Message[] = [];
  readonly #ended = Promise.withResolvers<void>();

  static async overUdp(target: SocketAddress): Promise<SipPeer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const peer = new SipPeer({
      transport: 'UDP',
      local: `127.0.0.1:${socket.address().port}`,
      send: (bytes) => socket.send(bytes, target.port, target.address),
      close: () => socket.close(),
    });
    socket.on('message', (bytes) => peer.#received(bytes));
    return peer;
  }

  static async overTcp(target: SocketAddress): Promise<SipPeer> {
    const socket = connectTcp({ host: target.address, port: target.port });
    await once(socket, 'connect');
    return SipPeer.onStream(socket, 'TCP');
  }

  static async overTls(target: SocketAddress, options: ConnectionOptions): Promise<SipPeer> {
    const socket = connectTls({ host: target.address, port: target.port, ...options });
    await once(socket, 'secureConnect');
    return SipPeer.onStream(socket, 'TLS');
  }

  static onStream(socket: Socket, transport: 'TCP' | 'TLS'): SipPeer {
    const peer = new SipPeer({
      transport,
      local: `127.0.0.1:${socket.localPort ?? 0}`,
      send: (bytes) => socket.write(bytes),
      close: () => socket.destroy(),
    });
    let buffered = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (;;) {
        const end = wholeLength(buffered);
        if (end === undefined) return;
        peer.#received(buffered.subarray(0, end));
        buffered = buffered.subarray(end);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => peer.#ended.resolve());
    return peer;
  }

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** Resolves when the engine has closed the connection. */
  get whenClosed(): Promise<void> {
    return this.#ended.promise;
  }

  /** Lines of a message without Content-Length. */
  send(lines: readonly string[], body = ''): void {
    const text = [...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
    this.wire.send(Buffer.from(text));
  }

  /** The next unread message: a method's name, or a status. */
  async request(method: string): Promise<SipRequest> {
    const message = await this.#next(method);
    if (message.kind !== 'request') throw new Error('not a request');
    return message;
  }

  async response(status: number): Promise<SipResponse> {
    const message = await this.#next(status);
    if (message.kind !== 'response') throw new Error('not a response');
    return message;
  }

  [Symbol.dispose](): void {
    this.wire.close();
  }

  #received(bytes: Buffer): void {
    const message = parseMessage(bytes);
    this.seen.push(message);
    const at = this.#waiting.findIndex(({ wanted }) => fits(message, wanted));
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (waiting === undefined) this.#unread.push(message);
    else waiting.resolve(message);
  }

  #next(wanted: Wanted): Promise<Message> {
    const at = this.#unread.findIndex((message) => fits(message, wanted));
    const [message] = at < 0 ? [] : this.#unread.splice(at, 1);
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(this.#missing(wanted))), deadlineMs);
      const settle = (found: Message): void => {
        clearTimeout(timer);
        resolve(found);
      };
      this.#waiting.push({ wanted, resolve: settle });
    });
  }

  #missing(wanted: Wanted): string {
    const seen = this.seen.map((message) => (message.kind === 'request' ? message.method : message.status));
    return `no ${wanted} came, only ${seen.join(', ')}`;
  }
}

function fits(message: Message, wanted: Wanted): boolean {
  return wanted === (message.kind === 'request' ? message.method : message.status);
}

function wholeLength(bytes: Buffer): number | undefined {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1] ?? '0';
  const end = head + 4 + Number(length);
  return bytes.length < end ? undefined : end;
}
