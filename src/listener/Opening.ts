import type { Socket } from 'node:net';
import { parseClientHello, type ClientHello } from './clientHello.ts';
import { proxyPrefix } from './proxyHeader.ts';
import { stopReading } from './stopReading.ts';

/** What an opening turned out to be, with all bytes read so far. */
export type Verdict =
  | { readonly kind: 'hello'; readonly serverName?: string }
  | { readonly kind: 'not-tls' }
  | { readonly kind: 'malformed' };

export interface OpeningOptions {
  readonly socket: Socket;
  /** Whether a PROXY protocol header must come first. */
  readonly proxied: boolean;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Called once; the socket is paused and `opening` holds what was read from it. */
  readonly onRead: (verdict: Verdict, opening: Buffer) => void;
  readonly onTimeout: () => void;
}

/** A connection whose first bytes are being collected until its server name is known. */
export class Opening {
  readonly socket: Socket;
  readonly #options: OpeningOptions;
  readonly #timer: NodeJS.Timeout;
  #bytes = Buffer.alloc(0);
  #length = 0;
  #neededBytes = 0;

  constructor(options: OpeningOptions) {
    this.socket = options.socket;
    this.#options = options;
    this.#timer = setTimeout(options.onTimeout, options.timeoutMs);
    this.socket.on('error', ignore);
    this.socket.on('data', this.#read);
  }

  /** Stops reading; what was read is dropped. */
  stop(): void {
    clearTimeout(this.#timer);
    this.socket.off('data', this.#read);
    stopReading(this.socket);
  }

  readonly #read = (chunk: Buffer): void => {
    this.#append(chunk);
    if (this.#length < this.#neededBytes && this.#length <= this.#options.maxBytes) return;
    const verdict = this.#judge();
    if (verdict === undefined) return;
    this.stop();
    this.#options.onRead(verdict, this.#bytes.subarray(0, this.#length));
  };

  /** Undefined while more is needed. */
  #judge(): Verdict | undefined {
    const bytes = this.#bytes.subarray(0, this.#length);
    const hello = this.#options.proxied ? helloBehindProxy(bytes) : parseClientHello(bytes);
    if (hello.state === 'whole') {
      const { serverName } = hello;
      return serverName === undefined ? { kind: 'hello' } : { kind: 'hello', serverName };
    }
    if (hello.state !== 'incomplete') return { kind: hello.state };
    this.#neededBytes = hello.neededBytes;
    const tooLong = Math.max(this.#neededBytes, this.#length + 1) > this.#options.maxBytes;
    return tooLong ? { kind: 'malformed' } : undefined;
  }

  /** Grows by doubling, so that a peer who writes single bytes costs no more than one who does not. */
  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(length, this.#bytes.length * 2, 2048));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
  }
}

function helloBehindProxy(bytes: Buffer): ClientHello {
  const prefix = proxyPrefix(bytes);
  if (prefix.state === 'absent') return { state: 'malformed' };
  if (prefix.state === 'incomplete') return { state: 'incomplete', neededBytes: bytes.length + 1 };
  const hello = parseClientHello(bytes.subarray(prefix.length));
  return hello.state === 'incomplete'
    ? { state: 'incomplete', neededBytes: prefix.length + hello.neededBytes }
    : hello;
}

function ignore(): void {
  // A socket that fails is also closed, and that is what counts.
}
