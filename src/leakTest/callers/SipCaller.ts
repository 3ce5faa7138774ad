import type { Caller } from '../MarkerBook.ts';
import { waitFor } from '../waitFor.ts';
import { PhoneMedia } from './PhoneMedia.ts';
import { SipConnection, type SipMessage, type SipTarget } from './SipConnection.ts';
import type { SipIdentity } from './SipIdentity.ts';

export interface SipCallerOptions {
  readonly target: SipTarget;
  readonly identity: SipIdentity;
}

/** A phone with markers in all that it says. It shares nothing with the program's own SIP. */
export class SipCaller implements AsyncDisposable {
  readonly identity: SipIdentity;
  readonly media: PhoneMedia;
  readonly #connection: SipConnection;
  readonly #host: string;
  #to = '';
  #remote = '';
  #sequence = 0;
  #via = '';

  static async connect({ target, identity }: SipCallerOptions): Promise<SipCaller> {
    await using stack = new AsyncDisposableStack();
    const media = stack.use(
      await PhoneMedia.open(identity.address, {
        cname: identity.plant('RTCP CNAME'),
        name: identity.plant('RTCP NAME'),
        email: identity.plant('RTCP EMAIL'),
        tool: identity.plant('RTCP TOOL'),
        note: identity.plant('RTCP NOTE'),
      }),
    );
    const connection = await SipConnection.connect({ ...target, localAddress: identity.address });
    stack.move();
    return new SipCaller(identity, media, connection, `${target.host}:${target.port}`);
  }

  private constructor(identity: SipIdentity, media: PhoneMedia, connection: SipConnection, host: string) {
    this.identity = identity;
    this.media = media;
    this.#connection = connection;
    this.#host = host;
    connection.onRequest = (request) => this.#confirm(request);
  }

  get caller(): Caller {
    return this.identity.caller;
  }

  /** All that the far end got: SIP after TLS, and RTP and RTCP after SRTP. */
  get heard(): readonly Buffer[] {
    return [Buffer.concat(this.#connection.heard), ...this.media.heard];
  }

  /** The final answer to an INVITE; when that is a 200, the call is acknowledged and talks. */
  async call(room: string): Promise<SipMessage> {
    this.aim(room);
    const answer = await this.request('INVITE', this.identity.sdp(this.media.offered), [
      'Content-Type: application/sdp',
      'Allow: INVITE, ACK, CANCEL, BYE, INFO, OPTIONS',
    ]);
    const accepted = answer.startLine.startsWith('SIP/2.0 200');
    if (accepted) {
      this.#to = answer.headers.get('to') ?? this.#to;
      this.#remote = /<([^>]+)>/.exec(answer.headers.get('contact') ?? '')?.[1] ?? this.#remote;
      this.media.start(answer.body);
    }
    // Of a refusal it belongs to the INVITE's own transaction (RFC 3261 §17.1.1.3).
    if (!accepted) this.#to = answer.headers.get('to') ?? this.#to;
    this.#write('ACK', accepted ? this.#newVia() : this.#via);
    return answer;
  }

  /** Whom requests are for until a call is answered. */
  aim(room: string): void {
    this.#remote = `sip:${room}@${this.#host};x=${this.identity.plant('Request-URI parameter')}`;
    this.#to = `"${this.identity.plant('To name')}" <sip:${room}@${this.#host}>`;
  }

  /** Any request; its final answer. */
  async request(method: string, body = '', more: readonly string[] = []): Promise<SipMessage> {
    this.#sequence += 1;
    const expected = `${this.#sequence} ${method}`;
    this.#via = this.#newVia();
    this.#write(method, this.#via, body, more);
    return waitFor(`an answer to ${method} of ${this.identity.caller.name}`, () =>
      this.#connection.received.find(
        ({ startLine, headers }) => /^SIP\/2\.0 [2-6]/.test(startLine) && headers.get('cseq') === expected,
      ),
    );
  }

  /** Keys by SIP INFO, each for itself. */
  async typeByInfo(keys: string): Promise<void> {
    for (const key of keys) {
      await this.request('INFO', `Signal=${key}\r\nDuration=100\r\n`, [
        'Content-Type: application/dtmf-relay',
      ]);
    }
  }

  /** What is no SIP at all; the other side may close the connection. */
  garbage(text: string): void {
    this.#connection.writeRaw(`${text}\r\n\r\n`);
  }

  /** Hangs up, with a reason of its own. */
  async hangUp(): Promise<void> {
    this.media.sayGoodbye(this.identity.plant('RTCP BYE reason'));
    await this.request('BYE', '', [`Reason: SIP;cause=200;text="${this.identity.plant('BYE Reason')}"`]);
  }

  /** A request of the server that has come. */
  whenAsked(method: string): Promise<SipMessage> {
    return waitFor(`a ${method} of the server`, () =>
      this.#connection.received.find(({ startLine }) => startLine.startsWith(`${method} `)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
    await this.media[Symbol.asyncDispose]();
  }

  /** Says yes to whatever the server asks in the call. */
  #confirm(request: SipMessage): void {
    const { localPort } = this.#connection;
    const more = [this.identity.contact(localPort), ...this.identity.headers];
    if (!request.startLine.startsWith('INVITE ')) this.#connection.answer(request, '200 OK', more);
    else {
      const sdp = this.identity.sdp(this.media.offered, true);
      this.#connection.answer(request, '200 OK', [...more, 'Content-Type: application/sdp'], sdp);
    }
  }

  #newVia(): string {
    return this.identity.via(this.#connection.localPort);
  }

  #write(method: string, via: string, body = '', more: readonly string[] = []): void {
    const { identity } = this;
    this.#connection.write(
      [
        `${method} ${this.#remote} SIP/2.0`,
        via,
        'Max-Forwards: 70',
        `From: ${identity.from}`,
        `To: ${this.#to}`,
        `Call-ID: ${identity.callId}`,
        `CSeq: ${this.#sequence} ${method}`,
        identity.contact(this.#connection.localPort),
        ...identity.headers,
        ...more,
      ],
      body,
    );
  }
}
