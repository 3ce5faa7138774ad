import type { Caller, MarkerBook } from '../MarkerBook.ts';

export const addressField = 'IP address';

/** A marker in everything that a phone says of itself and of its call in SIP and SDP. */
export class SipIdentity {
  readonly caller: Caller;
  readonly fromTag: string;
  readonly callId: string;
  readonly displayName: string;
  /** Where its connection and its media come from. */
  readonly address: string;
  readonly #plant: (field: string) => string;
  readonly #from: string;
  readonly #contact: string;
  readonly #via: string;
  readonly #headers: readonly string[];

  constructor(book: MarkerBook, caller: Caller) {
    this.caller = caller;
    const plant = (field: string): string => book.plant(field, caller);
    this.#plant = plant;
    this.displayName = plant('display name');
    this.address = book.plantAddress(addressField, caller);
    this.fromTag = plant('From tag');
    this.callId = `${plant('Call-ID')}@${plant('Call-ID host')}.invalid`;
    this.#from = `"${this.displayName}" <sip:${plant('From user')}@${plant('From host')}.invalid>`;
    this.#contact = `"${plant('Contact name')}" <sip:${plant('Contact user')}@${this.address}`;
    this.#via = `${plant('Via host')}.invalid`;
    this.#headers = [
      `User-Agent: ${plant('User-Agent')}/1.0`,
      `P-Asserted-Identity: "${plant('asserted name')}" <sip:${plant('asserted user')}@identity.invalid>`,
      `Subject: ${plant('Subject')}`,
      `Organization: ${plant('Organization')}`,
      `Reply-To: <sip:${plant('Reply-To')}@reply.invalid>`,
      `Call-Info: <https://${plant('Call-Info')}.invalid/>;purpose=info`,
      `User-to-User: ${plant('User-to-User')};encoding=text`,
      `X-Unknown: ${plant('unknown header')}`,
    ];
  }

  get from(): string {
    return `${this.#from};tag=${this.fromTag}`;
  }

  /** Each transaction has its own (RFC 3261 §8.1.1.7). */
  via(port: number): string {
    return `Via: SIP/2.0/TLS ${this.#via}:${port};rport;branch=z9hG4bK${this.#plant('Via branch')}`;
  }

  contact(port: number): string {
    return `Contact: ${this.#contact}:${port};transport=tls>`;
  }

  /** Of its requests, and of its answer when it is called. */
  get headers(): readonly string[] {
    return this.#headers;
  }

  plant(field: string): string {
    return this.#plant(field);
  }

  /** SDP of a phone with PCMU, SDES-SRTP and digits by RFC 4733. */
  sdp(media: { readonly port: number; readonly key: string; readonly ssrc: number }, answer = false): string {
    return [
      'v=0',
      `o=${this.#plant('SDP o=')} 1 1 IN IP4 ${this.address}`,
      `s=${this.#plant('SDP s=')}`,
      ...(answer ? [] : [`i=${this.#plant('SDP i=')}`, `e=${this.#plant('SDP e=')}@mail.invalid`]),
      `c=IN IP4 ${this.address}`,
      't=0 0',
      `a=tool:${this.#plant('SDP a=tool')}`,
      `a=x-unknown:${this.#plant('SDP unknown attribute')}`,
      `m=audio ${media.port} RTP/SAVP 0 101`,
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=rtcp-mux',
      `a=label:${this.#plant('SDP a=label')}`,
      `a=ssrc:${media.ssrc} cname:${this.#plant('SDP cname')}`,
      `a=ssrc:${media.ssrc} msid:${this.#plant('SDP msid')} ${this.#plant('SDP msid track')}`,
      `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${media.key}`,
      'a=sendrecv',
      '',
    ].join('\r\n');
  }
}
