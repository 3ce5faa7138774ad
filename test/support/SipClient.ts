import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type TLSSocket } from 'node:tls';
import { waitFor } from './waitFor.ts';

export interface SipMessage {
  readonly startLine: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

interface SipClientOptions {
  /** As which it calls. */
  readonly user?: string;
  /** Of whom it expects a certificate, where that is not the host of the URI. */
  readonly servername?: string;
  /** Its own certificate, PEM. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** A minimal SIP user agent over TLS for loads and measurements: one connection, one call, no help from our own stack. */
export class SipClient implements AsyncDisposable {
  readonly received: SipMessage[] = [];
  readonly closed: Promise<void>;
  readonly #socket: TLSSocket;
  readonly #uri: string;
  readonly #user: string;
  readonly #callId = randomBytes(8).toString('hex');
  readonly #tag = randomBytes(4).toString('hex');
  #to: string;
  #target: string;
  #sequence = 1;
  #pending = Buffer.alloc(0);

  static async connect(
    uri: string,
    caFile: string,
    { user = 'load', ...tls }: SipClientOptions = {},
  ): Promise<SipClient> {
    const [, host = '', port = ''] = /@([^:;]+):(\d+)/.exec(uri) ?? [];
    const socket = connect({ host, port: Number(port), ca: await readFile(caFile), ...tls });
    await once(socket, 'secureConnect');
    return new SipClient(socket, uri, user);
  }

  private constructor(socket: TLSSocket, uri: string, user: string) {
    this.#socket = socket;
    this.#user = user;
    this.#uri = uri.replace(/;.*$/, '');
    this.#target = this.#uri;
    this.#to = `<${this.#uri}>`;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** The final answer to an INVITE with this offer; a 200 has been acknowledged. */
  async invite(sdp: string): Promise<SipMessage> {
    this.#request('INVITE', sdp);
    const answer = await this.#answer('INVITE');
    this.#to = answer.headers.get('to') ?? this.#to;
    this.#target = /<([^>]+)>/.exec(answer.headers.get('contact') ?? '')?.[1] ?? this.#target;
    this.#request('ACK', '', this.#sequence);
    return answer;
  }

  async bye(): Promise<SipMessage> {
    this.#sequence += 1;
    this.#request('BYE', '');
    return this.#answer('BYE');
  }

  /** A request of the server, such as its BYE. */
  whenAsked(method: string, timeoutMs?: number): Promise<SipMessage> {
    const asked = (): SipMessage | undefined =>
      this.received.find(({ startLine }) => startLine.startsWith(`${method} `));
    return waitFor(`a ${method} of the server`, asked, timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return;
    this.#socket.end();
    await this.closed;
  }

  #answer(method: string): Promise<SipMessage> {
    const expected = `${this.#sequence} ${method}`;
    const found = (): SipMessage | undefined =>
      this.received.find(
        ({ startLine, headers }) => /^SIP\/2\.0 [2-6]/.test(startLine) && headers.get('cseq') === expected,
      );
    return waitFor(`the answer to ${method}`, found, 15_000, 5);
  }

  #request(method: string, body: string, sequence = this.#sequence): void {
    const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
    const lines = [
      `${method} ${method === 'INVITE' ? this.#uri : this.#target} SIP/2.0`,
      `Via: SIP/2.0/TLS 127.0.0.1:${this.#socket.localPort ?? 0};rport;branch=${branch}`,
      'Max-Forwards: 70',
      `From: "Load" <sip:${this.#user}@127.0.0.1>;tag=${this.#tag}`,
      `To: ${this.#to}`,
      `Call-ID: ${this.#callId}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:${this.#user}@127.0.0.1:${this.#socket.localPort ?? 0};transport=tls>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  #read(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const end = this.#pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [startLine = '', ...lines] = this.#pending.toString('utf8', 0, end).split('\r\n');
      const headers = new Map(
        lines.map((line) => [
          line.slice(0, line.indexOf(':')).trim().toLowerCase(),
          line.slice(line.indexOf(':') + 1).trim(),
        ]),
      );
      const length = Number(headers.get('content-length') ?? 0);
      if (this.#pending.length < end + 4 + length) return;
      const message = { startLine, headers, body: this.#pending.toString('utf8', end + 4, end + 4 + length) };
      this.#pending = this.#pending.subarray(end + 4 + length);
      this.received.push(message);
      if (!startLine.startsWith('SIP/2.0') && !startLine.startsWith('ACK')) this.#confirm(message);
    }
  }

  /** 200 to whatever the server asks. */
  #confirm({ headers }: SipMessage): void {
    const copied = ['via', 'from', 'to', 'call-id', 'cseq'].map(
      (name) => `${name}: ${headers.get(name) ?? ''}`,
    );
    this.#socket.write(`SIP/2.0 200 OK\r\n${copied.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
  }
}
