import { parseNameAddr, type RequestParts, type SipMessage, type SipRequest } from '../message/index.ts';
import type { InviteClient, ServerTransaction } from '../transaction/index.ts';
import type { Flow } from '../transport/contract.ts';
import type { AnswerWatch } from './AnswerWatch.ts';
import { contactUri } from './contact.ts';
import type { Application, HeaderPair } from './contract.ts';
import type { DialogStart } from './dialogStart.ts';
import type { ReliableProvisional } from './ReliableProvisional.ts';
import { routed } from './routeSet.ts';
import type { SessionTimer } from './SessionTimer.ts';

/** An ACK for a 2xx that was sent, to be sent again whenever the 2xx comes again. */
interface SentAck {
  readonly sequence: number;
  readonly wire: Buffer;
  readonly flow: Flow;
}

interface OpenRequests {
  peerInvite?: ServerTransaction | undefined;
  peerUpdate?: ServerTransaction | undefined;
  ourInvite?: InviteClient | undefined;
}

/** RFC 3261 §12: the state that two user agents share, and how requests are made from it. */
export class Dialog {
  /** As the application knows it: `<Call-ID>;from-tag=<tag of the first request's From>`. */
  readonly id: string;
  readonly role: 'uas' | 'uac';
  readonly method: string;
  readonly owner: Application;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** Our Contact, for requests of the user agent's own. */
  readonly contact: string;
  state: 'early' | 'confirmed' | 'ended' = 'early';
  /** Where the latest message of the peer came from. */
  flow: Flow;
  /** The 2xx of ours that waits for its ACK. */
  answer: AnswerWatch | undefined;
  /** CSeq of the peer's 2xx that waits for the application's ACK. */
  unacknowledged: number | undefined;
  sentAck: SentAck | undefined;
  sessionTimer: SessionTimer | undefined;
  /** Set when the application cancelled and the peer's 2xx crossed the CANCEL. */
  cancelled = false;
  /** Our latest session description, for a refresh (RFC 4028 §7.4). */
  localSdp: Buffer = Buffer.alloc(0);
  /** re-INVITEs and UPDATEs without a final response: they must not overlap (§14, RFC 3311 §5). */
  readonly open: OpenRequests = {};
  reliable: ReliableProvisional | undefined;
  /** RSeq of the peer's latest reliable response. */
  lastReliable: number | undefined;
  readonly #start: DialogStart;
  #routeSet: readonly string[];
  #remoteTarget: string;
  #localSequence: number;
  #remoteSequence: number | undefined;

  constructor(id: string, start: DialogStart) {
    this.id = id;
    this.#start = start;
    this.role = start.role;
    this.method = start.method;
    this.owner = start.owner;
    this.callId = start.callId;
    this.localTag = start.localTag;
    this.remoteTag = start.remoteTag;
    this.contact = start.contact;
    this.flow = start.flow;
    this.#routeSet = start.routeSet;
    this.#remoteTarget = start.remoteTarget;
    this.#localSequence = start.localSequence;
    this.#remoteSequence = start.remoteSequence;
  }

  get remoteTarget(): string {
    return this.#remoteTarget;
  }

  /** URI of the next hop: the first route, else the remote target. */
  get nextHop(): string {
    const route = this.#routeSet[0];
    return route === undefined ? this.#remoteTarget : parseNameAddr(route).uri;
  }

  get hasRoutes(): boolean {
    return this.#routeSet.length > 0;
  }

  /** §12.2.2: false for a request that was overtaken; the number is kept else. */
  follow(request: SipRequest): boolean {
    if (this.#remoteSequence !== undefined && request.cseq.number <= this.#remoteSequence) return false;
    this.#remoteSequence = request.cseq.number;
    return true;
  }

  /** §12.2.1.2, §12.2.2: only with the 2xx of a target refresh request. */
  refreshTarget(message: SipMessage): void {
    this.#remoteTarget = contactUri(message) ?? this.#remoteTarget;
  }

  /** §13.2.2.4: the 2xx to the first INVITE has the route set that counts. */
  confirm(routeSet?: readonly string[]): void {
    this.state = 'confirmed';
    if (routeSet !== undefined) this.#routeSet = routeSet;
  }

  /** §12.2.1.1; takes the next CSeq. */
  request(method: string, headers: readonly HeaderPair[], body?: Buffer): RequestParts {
    this.#localSequence += 1;
    return this.#parts(method, this.#localSequence, headers, body);
  }

  /** §13.2.2.4: an ACK has the INVITE's CSeq number and its credentials. */
  acknowledge(sequence: number, headers: readonly HeaderPair[], body?: Buffer): RequestParts {
    return this.#parts('ACK', sequence, [...this.#start.credentials, ...headers], body);
  }

  #parts(
    method: string,
    sequence: number,
    headers: readonly HeaderPair[],
    body: Buffer = Buffer.alloc(0),
  ): RequestParts {
    const { uri, routes } = routed(this.#remoteTarget, this.#routeSet);
    const hops: HeaderPair[] = headers.some(([name]) => name === 'Max-Forwards')
      ? []
      : [['Max-Forwards', '70']];
    return {
      method,
      uri,
      headers: [
        ...hops,
        ...routes.map((route) => ['Route', route] as const),
        ['From', this.#start.local],
        ['To', this.#start.remote],
        ['Call-ID', this.callId],
        ['CSeq', `${sequence} ${method}`],
        ...headers,
      ],
      body,
    };
  }
}
