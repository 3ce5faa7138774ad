import { ZonebridgeError } from '#kernel/index.ts';

const separator = 0x23; // '#'
const maxLengthDigits = 9;

/** `<decimal byte length>#<payload>` */
export function encodeFrame(payload: string | readonly [leader: string, message: Buffer]): Buffer {
  const body =
    typeof payload === 'string'
      ? Buffer.from(payload)
      : Buffer.concat([Buffer.from(`${payload[0]}\r\n`), payload[1]]);
  return Buffer.concat([Buffer.from(`${body.length}#`), body]);
}

/** Cuts a stream of frames; what is not whole waits for more. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** How many bytes must be there before another look is worth it. */
  #needed = 2;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The payloads that are whole now. Throws `bad-message` when this is no such stream or a frame is too long. */
  *read(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    while (this.#buffered >= this.#needed) {
      const frame = this.#next();
      if (frame === undefined) return;
      yield frame;
    }
  }

  #next(): Buffer | undefined {
    const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    if (all === undefined) return undefined;
    this.#chunks = [all];
    const at = all.subarray(0, maxLengthDigits + 1).indexOf(separator);
    if (at < 0 && all.length <= maxLengthDigits) {
      this.#needed = all.length + 1;
      return undefined;
    }
    const end = at + 1 + this.#lengthOf(all.toString('latin1', 0, Math.max(at, 0)));
    if (all.length < end) {
      this.#needed = end;
      return undefined;
    }
    this.#keep(all.subarray(end));
    return all.subarray(at + 1, end);
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#buffered = rest.length;
    this.#needed = 2;
  }

  #lengthOf(text: string): number {
    const lengthBytes = Number(text);
    if (!/^\d+$/.test(text) || lengthBytes === 0) {
      throw new ZonebridgeError('bad-message', 'the drachtio control connection sent no frame length');
    }
    if (lengthBytes > this.#maxBytes) {
      const sizes = `${lengthBytes} bytes, the limit is ${this.#maxBytes}`;
      throw new ZonebridgeError('bad-message', `a frame on the drachtio control connection has ${sizes}`);
    }
    return lengthBytes;
  }
}
