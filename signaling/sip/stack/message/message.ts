import { ZonebridgeError } from '#kernel/index.ts';
import type { NameAddr, SipHeaders, SipMessage, SipRequest, SipResponse, Via } from './contract.ts';
import { splitList } from './grammar.ts';
import { parseCSeq } from './headerChecks.ts';
import { parseNameAddr } from './nameAddr.ts';
import { parseVia } from './via.ts';

type CSeq = SipMessage['cseq'];

/** Header fields and body; the checked values are read again when their header was written to. */
abstract class Message {
  readonly headers: SipHeaders;
  body: Buffer;
  readonly #wireBytes: number | undefined;
  readonly #read = new Map<string, { readonly text: string; readonly value: unknown }>();

  constructor(headers: SipHeaders, body: Buffer, wireBytes: number | undefined) {
    this.headers = headers;
    this.body = body;
    this.#wireBytes = wireBytes;
  }

  get via(): Via {
    return this.#checked('Via', (text) => parseVia(splitList(text)[0] ?? ''));
  }

  get from(): NameAddr {
    return this.#checked('From', parseNameAddr);
  }

  get to(): NameAddr {
    return this.#checked('To', parseNameAddr);
  }

  get callId(): string {
    return this.#checked('Call-ID', (text) => text);
  }

  get cseq(): CSeq {
    return this.#checked('CSeq', parseCSeq);
  }

  get sizeBytes(): number {
    return this.#wireBytes ?? this.toBuffer().length;
  }

  /** Content-Length is always that of the body, whatever the headers say. */
  toBuffer(): Buffer {
    const lines = [`${this.startLine()}\r\n`];
    const contentLength = `Content-Length: ${this.body.length}\r\n`;
    let counted = false;
    for (const [name, value] of this.headers) {
      const isLength = name.toLowerCase() === 'content-length';
      if (!isLength) lines.push(`${name}: ${value}\r\n`);
      else if (!counted) lines.push(contentLength);
      counted ||= isLength;
    }
    lines.push(counted ? '\r\n' : `${contentLength}\r\n`);
    return Buffer.concat([Buffer.from(lines.join('')), this.body]);
  }

  protected abstract startLine(): string;

  #checked<T>(name: string, parse: (text: string) => T): T {
    const text = this.headers.get(name);
    if (text === undefined) throw new ZonebridgeError('invalid-argument', `the message has no ${name} yet`);
    const known = this.#read.get(name);
    if (known?.text === text) return known.value as T;
    const value = parse(text);
    this.#read.set(name, { text, value });
    return value;
  }
}

export class Request extends Message implements SipRequest {
  readonly kind = 'request';
  readonly method: string;
  uri: string;

  constructor(line: RequestLine, headers: SipHeaders, body: Buffer, wireBytes?: number) {
    super(headers, body, wireBytes);
    this.method = line.method;
    this.uri = line.uri;
  }

  protected override startLine(): string {
    return `${this.method} ${this.uri} SIP/2.0`;
  }
}

export class Response extends Message implements SipResponse {
  readonly kind = 'response';
  readonly status: number;
  readonly reason: string;

  constructor(line: StatusLine, headers: SipHeaders, body: Buffer, wireBytes?: number) {
    super(headers, body, wireBytes);
    this.status = line.status;
    this.reason = line.reason;
  }

  protected override startLine(): string {
    return `SIP/2.0 ${this.status} ${this.reason}`;
  }
}

/** RFC 3261 §7.1. */
export interface RequestLine {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
}

/** RFC 3261 §7.2. */
export interface StatusLine {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}
