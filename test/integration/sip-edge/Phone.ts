import { randomBytes } from 'node:crypto';
import type { SipRequest, SipResponse } from '#signaling/sip/stack/message/index.ts';
import type { SipPeer } from '../sip-engine/SipPeer.ts';

export const key = Buffer.alloc(30, 'phone').toString('base64');

export interface OfferOptions {
  readonly codecs?: string;
  readonly direction?: string;
  readonly address?: string;
  readonly protocol?: string;
  /** Sections after the audio. */
  readonly more?: readonly string[];
}

/** What a phone with SDES-SRTP describes. */
export function phoneSdp(options: OfferOptions = {}): string {
  const {
    codecs = '9 0 101',
    direction = 'sendrecv',
    address = '127.0.0.1',
    protocol = 'RTP/SAVP',
  } = options;
  return [
    'v=0',
    `o=- 1 1 IN IP4 127.0.0.1`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio 4000 ${protocol} ${codecs}`,
    'a=rtpmap:101 telephone-event/8000',
    ...(protocol === 'RTP/SAVP' ? [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`] : []),
    `a=${direction}`,
    ...(options.more ?? []),
    '',
  ].join('\r\n');
}

/** The section of its camera, as it would follow the audio. */
export function phoneVideo({ port = 4002, direction = 'sendrecv', formats = h264 } = {}): string[] {
  return [
    `m=video ${port} RTP/SAVP ${formats.map(({ number }) => number).join(' ')}`,
    'b=TIAS:1000000',
    ...formats.flatMap(({ number, name, fmtp }) => [
      `a=rtpmap:${number} ${name}/90000`,
      ...(fmtp === undefined ? [] : [`a=fmtp:${number} ${fmtp}`]),
    ]),
    'a=rtcp-fb:* nack pli',
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`,
    `a=${direction}`,
  ];
}

interface PhoneFormat {
  readonly number: number;
  readonly name: string;
  readonly fmtp?: string;
}

export const h264: readonly PhoneFormat[] = [
  { number: 97, name: 'H264', fmtp: 'profile-level-id=42801e;packetization-mode=0' },
  { number: 126, name: 'H264', fmtp: 'profile-level-id=42801e;packetization-mode=1' },
];
export const vp8: readonly PhoneFormat[] = [{ number: 96, name: 'VP8' }];

export interface MessageParts {
  readonly body?: string;
  readonly contentType?: string;
  readonly headers?: readonly string[];
  readonly sequence?: number;
  readonly branch?: string;
  readonly uri?: string;
}

/** A phone that does what the test says: one call, no help from our own stack but for reading. */
export class Phone {
  readonly peer: SipPeer;
  readonly #callId = `${randomBytes(6).toString('hex')}@phone`;
  readonly #tag = randomBytes(4).toString('hex');
  readonly #uri: string;
  readonly #from: string;
  readonly #contactParameters: string;
  #inviteBranch = '';
  #sequence = 0;
  #toTag = '';
  #target: string | undefined;

  constructor(
    peer: SipPeer,
    { uri = 'sip:Room@zone.example', from = '"Ann" <sip:ann@phone.example;x=1>', isFocus = false } = {},
  ) {
    this.peer = peer;
    this.#uri = uri;
    this.#from = from;
    this.#contactParameters = isFocus ? ';isfocus' : '';
  }

  send(method: string, parts: MessageParts = {}): void {
    const { body = '', contentType = 'application/sdp', headers = [], branch = newBranch() } = parts;
    if (!['ACK', 'CANCEL'].includes(method)) this.#sequence += 1;
    if (method === 'INVITE') this.#inviteBranch = branch;
    const { transport, local } = this.peer.wire;
    const tag = this.#toTag === '' || method === 'CANCEL' ? '' : `;tag=${this.#toTag}`;
    this.peer.send(
      [
        `${method} ${parts.uri ?? (method === 'CANCEL' ? undefined : this.#target) ?? this.#uri} SIP/2.0`,
        `Via: SIP/2.0/${transport} ${local};branch=${method === 'CANCEL' ? this.#inviteBranch : branch};rport`,
        'Max-Forwards: 70',
        `From: ${this.#from};tag=${this.#tag}`,
        `To: <sip:room@zone.example>${tag}`,
        `Call-ID: ${this.#callId}`,
        `CSeq: ${parts.sequence ?? this.#sequence} ${method}`,
        `Contact: <sip:ann@${local};transport=${transport.toLowerCase()}>${this.#contactParameters}`,
        'User-Agent: Phone 1.2',
        ...(body === '' ? [] : [`Content-Type: ${contentType}`]),
        ...headers,
      ],
      body,
    );
  }

  /** INVITE and its answer; in a dialog a re-INVITE. A 2xx is acknowledged, with `ackBody` where that is an answer. */
  async invite(
    status: number,
    parts: MessageParts & { readonly ackBody?: string } = {},
  ): Promise<SipResponse> {
    this.send('INVITE', { body: phoneSdp(), ...parts });
    const response = await this.peer.response(status);
    if (status >= 300) {
      this.#acknowledgeFailure(response);
      return response;
    }
    this.follow(response);
    this.send('ACK', { body: parts.ackBody ?? '' });
    return response;
  }

  /** A request in or outside of the dialog, and its answer. */
  async ask(method: string, status: number, parts: MessageParts = {}): Promise<SipResponse> {
    this.send(method, parts);
    return this.peer.response(status);
  }

  follow(response: SipResponse): void {
    this.#toTag = response.to.parameters.get('tag') ?? '';
    this.#target = /<([^>]+)>/.exec(response.headers.get('Contact') ?? '')?.[1];
  }

  /** Answers a request of the zone's. */
  respond(request: SipRequest, status: number, body = ''): void {
    const copied = ['From', 'To', 'Call-ID', 'CSeq'].map(
      (name) => `${name}: ${request.headers.get(name) ?? ''}`,
    );
    this.peer.send(
      [
        `SIP/2.0 ${status} Whatever`,
        ...request.headers.all('Via').map((via) => `Via: ${via}`),
        ...copied,
        `Contact: <sip:ann@${this.peer.wire.local}>`,
        ...(body === '' ? [] : ['Content-Type: application/sdp']),
      ],
      body,
    );
  }

  #acknowledgeFailure(response: SipResponse): void {
    const { transport, local } = this.peer.wire;
    this.peer.send([
      `ACK ${this.#target ?? this.#uri} SIP/2.0`,
      `Via: SIP/2.0/${transport} ${local};branch=${this.#inviteBranch};rport`,
      `From: ${this.#from};tag=${this.#tag}`,
      `To: ${response.headers.get('To') ?? ''}`,
      `Call-ID: ${this.#callId}`,
      `CSeq: ${response.cseq.number} ACK`,
    ]);
  }
}

function newBranch(): string {
  return `z9hG4bK${randomBytes(8).toString('hex')}`;
}
