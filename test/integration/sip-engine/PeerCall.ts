import { randomBytes } from 'node:crypto';
import type { SipRequest, SipResponse } from '#signaling/sip/stack/message/index.ts';
import type { SipPeer } from './SipPeer.ts';

export const sdp =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

interface Extra {
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly branch?: string;
  readonly sequence?: number;
}

/** A call that a peer makes; it remembers what its messages must say. */
export class PeerCall {
  readonly callId = `${randomBytes(6).toString('hex')}@peer`;
  readonly fromTag = randomBytes(4).toString('hex');
  #peer: SipPeer;
  readonly target: string;
  /** Branch of the latest INVITE. */
  branch = '';
  sequence = 0;
  #toTag: string | undefined;
  #remoteTarget: string | undefined;

  constructor(peer: SipPeer, target = 'sip:room@zone.example') {
    this.#peer = peer;
    this.target = target;
  }

  /** Sends an INVITE with a new CSeq; `body` '' makes it a late offer. */
  invite({ body = sdp, ...extra }: Extra = {}): void {
    this.branch = extra.branch ?? newBranch();
    this.send('INVITE', { ...extra, body, branch: this.branch });
  }

  send(method: string, { headers = [], body = '', branch = newBranch(), sequence }: Extra = {}): void {
    if (sequence === undefined && !['ACK', 'CANCEL'].includes(method)) this.sequence += 1;
    const contentType = body === '' ? [] : ['Content-Type: application/sdp'];
    const uri = method === 'CANCEL' ? this.target : (this.#remoteTarget ?? this.target);
    this.#peer.send(
      [
        `${method} ${uri} SIP/2.0`,
        `Via: SIP/2.0/${this.#peer.wire.transport} ${this.#peer.wire.local};branch=${branch};rport`,
        'Max-Forwards: 70',
        `From: <sip:peer@peer.example>;tag=${this.fromTag}`,
        `To: <${this.target}>${this.#toTag === undefined || method === 'CANCEL' ? '' : `;tag=${this.#toTag}`}`,
        `Call-ID: ${this.callId}`,
        `CSeq: ${sequence ?? this.sequence} ${method}`,
        `Contact: <sip:peer@${this.#peer.wire.local}>`,
        ...contentType,
        ...headers,
      ],
      body,
    );
  }

  /** Takes the dialog's tag and target from a response. */
  follow(response: SipResponse): SipResponse {
    this.#toTag = response.to.parameters.get('tag');
    this.#remoteTarget = /<([^>]+)>/.exec(response.headers.get('Contact') ?? '')?.[1];
    return response;
  }

  /** INVITE, 200, ACK. */
  async establish(extra: Extra = {}): Promise<SipResponse> {
    this.invite(extra);
    const answer = this.follow(await this.#peer.response(200));
    this.send('ACK');
    return answer;
  }

  /** Goes on over another connection. */
  moveTo(peer: SipPeer): void {
    this.#peer = peer;
  }

  cancel(): void {
    this.send('CANCEL', { branch: this.branch });
  }
}

/** What a called peer answers. */
export function respond(peer: SipPeer, request: SipRequest, status: number, extra: Extra = {}): void {
  const { headers = [], body = '' } = extra;
  const tagged = request.to.parameters.has('tag') || status === 100 ? '' : ';tag=peer';
  const to = headers.some((header) => header.startsWith('To:'))
    ? []
    : [`To: ${request.headers.get('To') ?? ''}${tagged}`];
  const contentType = body === '' ? [] : ['Content-Type: application/sdp'];
  const contact = `Contact: <sip:peer@${peer.wire.local}>`;
  peer.send(
    [
      `SIP/2.0 ${status} Test`,
      ...request.headers.all('Via').map((via) => `Via: ${via}`),
      `From: ${request.headers.get('From') ?? ''}`,
      ...to,
      `Call-ID: ${request.callId}`,
      `CSeq: ${request.headers.get('CSeq') ?? ''}`,
      contact,
      ...contentType,
      ...headers,
    ],
    body,
  );
}

function newBranch(): string {
  return `z9hG4bK${randomBytes(8).toString('hex')}`;
}
