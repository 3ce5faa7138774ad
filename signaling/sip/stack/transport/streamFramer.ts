import { maxHeadBytes, maxStartLineBytes, parseBodyLength, SipParseError } from '../message/index.ts';

export type Frame =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  /** A double CRLF between messages, to be answered with one (RFC 5626 §4.4.1). */
  | { readonly kind: 'ping' }
  /** The stream cannot be read any further. */
  | { readonly kind: 'fault'; readonly error: SipParseError };

const headEnd = Buffer.from('\r\n\r\n');
const cr = 0x0d;
const lf = 0x0a;
const none = Buffer.alloc(0);
const initialBytes = 2_048;
/** An idle connection keeps no more memory than this. */
const keptBytes = 16_384;

/**
 * Cuts a byte stream into SIP messages (RFC 3261 §18.3), however it was split on its way. What cannot become a SIP
 * message is a fault as soon as that is certain, so that HTTP or TLS on a SIP port does not hold a connection.
 */
export class StreamFramer {
  #bytes = none;
  #start = 0;
  #end = 0;
  /** Bytes of a CRLFCRLF between messages that have come. */
  #lineEnds = 0;
  /** How far from #start the end of the head was looked for. */
  #searched = 0;
  #startLineSeen = false;
  /** Of the message at #start, once its head is there. */
  #messageBytes: number | undefined;
  #faulty = false;

  /** True while a message has begun and not ended. */
  get midMessage(): boolean {
    return this.#end > this.#start;
  }

  /** Frames own their bytes. After a fault nothing more comes. */
  *push(chunk: Buffer): Generator<Frame, void> {
    if (this.#faulty) return;
    this.#append(chunk);
    try {
      for (;;) {
        yield* this.#pings();
        const message = this.#message();
        if (message === undefined) break;
        yield { kind: 'message', bytes: message };
      }
      this.#release();
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#faulty = true;
      this.#bytes = none;
      this.#start = this.#end = 0;
      yield { kind: 'fault', error };
    }
  }

  #append(chunk: Buffer): void {
    const needed = this.#end - this.#start + chunk.length;
    if (this.#end + chunk.length > this.#bytes.length) {
      const roomy = needed * 2 <= this.#bytes.length;
      const target = roomy ? this.#bytes : Buffer.allocUnsafeSlow(Math.max(initialBytes, needed * 2));
      this.#bytes.copy(target, 0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
      this.#bytes = target;
    }
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  #release(): void {
    if (this.midMessage) return;
    this.#start = this.#end = 0;
    if (this.#bytes.length > keptBytes) this.#bytes = none;
  }

  /** Consumes what may stand between messages; NULs, which some NAT keep-alives send, are ignored. */
  *#pings(): Generator<Frame, void> {
    if (this.#startLineSeen || this.#searched > 0) return;
    while (this.#start < this.#end) {
      const byte = this.#bytes[this.#start];
      if (byte !== cr && byte !== lf && byte !== 0) break;
      this.#start += 1;
      const expected = this.#lineEnds % 2 === 0 ? cr : lf;
      this.#lineEnds = byte === expected ? this.#lineEnds + 1 : byte === cr ? 1 : 0;
      if (this.#lineEnds < headEnd.length) continue;
      this.#lineEnds = 0;
      yield { kind: 'ping' };
    }
    if (this.#start < this.#end) this.#lineEnds = 0;
  }

  /** The message at #start when all of it is there. */
  #message(): Buffer | undefined {
    this.#messageBytes ??= this.#measure();
    if (this.#messageBytes === undefined || this.#end - this.#start < this.#messageBytes) return undefined;
    const end = this.#start + this.#messageBytes;
    const message = Buffer.from(this.#bytes.subarray(this.#start, end));
    this.#start = end;
    this.#searched = 0;
    this.#startLineSeen = false;
    this.#messageBytes = undefined;
    return message;
  }

  #measure(): number | undefined {
    const bytes = this.#bytes.subarray(this.#start, this.#end);
    if (bytes.length === 0) return undefined;
    if (!this.#startLineSeen) this.#startLineSeen = startsLikeSip(bytes, this.#searched);
    const end = bytes.indexOf(headEnd, this.#searched);
    if (end >= 0 && end <= maxHeadBytes) {
      return end + headEnd.length + parseBodyLength(bytes.subarray(0, end));
    }
    if (bytes.length > maxHeadBytes) throw refusedHead(bytes.subarray(0, maxHeadBytes));
    this.#searched = Math.max(0, bytes.length - headEnd.length + 1);
    return undefined;
  }
}

/** True once the start line is there; false while it may still become one. Throws when it cannot. */
function startsLikeSip(bytes: Buffer, searched: number): boolean {
  const lineEnd = bytes.indexOf(lf, searched);
  if (lineEnd > maxStartLineBytes || (lineEnd < 0 && bytes.length > maxStartLineBytes)) {
    throw new SipParseError(414, 'Request-URI Too Long');
  }
  // §25.1: a start line begins with a method or with SIP, a letter in all that is in use, a token in any case.
  const first = String.fromCharCode(bytes[0] ?? 0);
  if (!/[A-Za-z0-9\-.!%*_+`'~]/.test(first)) throw new SipParseError(400, 'Invalid Start Line');
  if (lineEnd < 0) return false;
  const line = bytes.toString('latin1', 0, lineEnd);
  if (!/^SIP\s*\//i.test(line) && !/\sSIP\s*\/[\d.\s]+\r$/i.test(line)) {
    throw new SipParseError(400, 'Invalid Start Line');
  }
  return true;
}

/** The best answer that a head without end can be given. */
function refusedHead(bytes: Buffer): SipParseError {
  try {
    parseBodyLength(bytes);
  } catch (error) {
    if (error instanceof SipParseError && error.unreadable !== undefined) {
      return new SipParseError(513, 'Message Too Large', error.unreadable);
    }
    throw error;
  }
  return new SipParseError(513, 'Message Too Large');
}
