import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export interface SipMessage {
  readonly startLine: string;
  /** By name in small letters; the first of each. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface SipTarget {
  readonly host: string;
  readonly port: number;
  readonly servername?: string;
  /** To call from. */
  readonly localAddress?: string;
  /** PEM of the CA, and of its own certificate when it has one. */
  readonly ca: string | Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** SIP over one TLS connection, as a far end has it: keeps all the bytes that came. */
export class SipConnection implements AsyncDisposable {
  readonly received: SipMessage[] = [];
  /** All that came, after TLS. */
  readonly heard: Buffer[] = [];
  readonly closed: Promise<void>;
  /** Told of each request of the other side but ACK. */
  onRequest: ((request: SipMessage) => void) | undefined;
  readonly #socket: TLSSocket;
  #pending: Buffer = Buffer.alloc(0);

  /** Rejects when there is no TLS connection. */
  static async connect(target: SipTarget): Promise<SipConnection> {
    const socket = connect(target);
    await once(socket, 'secureConnect');
    return new SipConnection(socket);
  }

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.heard.push(chunk);
      this.#pending = Buffer.concat([this.#pending, chunk]);
      while (this.#readOne());
    });
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  write(lines: readonly string[], body = ''): void {
    const head = [...lines, `Content-Length: ${Buffer.byteLength(body)}`];
    this.writeRaw(`${head.join('\r\n')}\r\n\r\n${body}`);
  }

  /** Anything, as it is. */
  writeRaw(text: string): void {
    this.#socket.write(text);
  }

  /** To a request of the other side. */
  answer({ headers }: SipMessage, status: string, more: readonly string[] = [], body = ''): void {
    const copied = ['via', 'from', 'to', 'call-id', 'cseq'].map(
      (name) => `${name}: ${headers.get(name) ?? ''}`,
    );
    this.write([`SIP/2.0 ${status}`, ...copied, ...more], body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return;
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), 1_000);
    await this.closed;
    clearTimeout(timer);
  }

  #readOne(): boolean {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const [startLine = '', ...lines] = this.#pending.toString('utf8', 0, end).split('\r\n');
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).trim().toLowerCase();
      if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
    }
    const next = end + 4 + Number(headers.get('content-length') ?? 0);
    if (this.#pending.length < next) return false;
    const message = { startLine, headers, body: this.#pending.toString('utf8', end + 4, next) };
    this.#pending = this.#pending.subarray(next);
    this.received.push(message);
    if (!startLine.startsWith('SIP/2.0') && !startLine.startsWith('ACK ')) this.onRequest?.(message);
    return true;
  }
}
