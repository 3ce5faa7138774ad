import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SipConnection, type SipMessage } from '#src/leakTest/callers/SipConnection.ts';
import { waitFor } from './waitFor.ts';

export type { SipMessage };

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
  readonly received: readonly SipMessage[];
  readonly closed: Promise<void>;
  readonly #connection: SipConnection;
  readonly #uri: string;
  readonly #user: string;
  readonly #callId = randomBytes(8).toString('hex');
  readonly #tag = randomBytes(4).toString('hex');
  #to: string;
  #target: string;
  #sequence = 1;

  static async connect(
    uri: string,
    caFile: string,
    { user = 'load', ...tls }: SipClientOptions = {},
  ): Promise<SipClient> {
    const [, host = '', port = ''] = /@([^:;]+):(\d+)/.exec(uri) ?? [];
    const target = { host, port: Number(port), ca: await readFile(caFile), ...tls };
    return new SipClient(await SipConnection.connect(target), uri, user);
  }

  private constructor(connection: SipConnection, uri: string, user: string) {
    this.#connection = connection;
    this.received = connection.received;
    this.#user = user;
    this.#uri = uri.replace(/;.*$/, '');
    this.#target = this.#uri;
    this.#to = `<${this.#uri}>`;
    this.closed = connection.closed;
    // Yes to whatever the server asks.
    connection.onRequest = (request) => connection.answer(request, '200 OK');
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
    await this.#connection[Symbol.asyncDispose]();
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
    const { localPort } = this.#connection;
    const lines = [
      `${method} ${method === 'INVITE' ? this.#uri : this.#target} SIP/2.0`,
      `Via: SIP/2.0/TLS 127.0.0.1:${localPort};rport;branch=${branch}`,
      'Max-Forwards: 70',
      `From: "Load" <sip:${this.#user}@127.0.0.1>;tag=${this.#tag}`,
      `To: ${this.#to}`,
      `Call-ID: ${this.#callId}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:${this.#user}@127.0.0.1:${localPort};transport=tls>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
    ];
    this.#connection.write(lines, body);
  }
}
