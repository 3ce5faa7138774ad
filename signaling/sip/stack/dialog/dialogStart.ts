import type { SipRequest, SipResponse } from '../message/index.ts';
import type { Flow } from '../transport/contract.ts';
import { contactUri } from './contact.ts';
import type { Application, HeaderPair } from './contract.ts';

/** What a dialog begins with, RFC 3261 §12.1. */
export interface DialogStart {
  readonly role: 'uas' | 'uac';
  /** INVITE or SUBSCRIBE. */
  readonly method: string;
  readonly owner: Application;
  readonly callId: string;
  /** The tag that the From of the first request has, whoever sent it. */
  readonly fromTag: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From and To of our requests. */
  readonly local: string;
  readonly remote: string;
  readonly routeSet: readonly string[];
  readonly remoteTarget: string;
  readonly localSequence: number;
  readonly remoteSequence: number | undefined;
  readonly contact: string;
  readonly credentials: readonly HeaderPair[];
  readonly flow: Flow;
}

interface Ours {
  readonly owner: Application;
  readonly contact: string;
  readonly flow: Flow;
}

/** §12.1.1. The request was checked to have a Contact. */
export function startOfUas(request: SipRequest, localTag: string, ours: Ours): DialogStart {
  const fromTag = request.from.parameters.get('tag') ?? '';
  return {
    ...ours,
    role: 'uas',
    method: request.method,
    callId: request.callId,
    fromTag,
    localTag,
    remoteTag: fromTag,
    local: `${request.headers.get('To') ?? ''};tag=${localTag}`,
    remote: request.headers.get('From') ?? '',
    routeSet: request.headers.list('Record-Route'),
    remoteTarget: contactUri(request) ?? request.from.uri,
    localSequence: 0,
    remoteSequence: request.cseq.number,
    credentials: [],
  };
}

/** §12.1.2. A response without Contact leaves the Request-URI as the best guess at the peer. */
export function startOfUac(request: SipRequest, response: SipResponse, ours: Ours): DialogStart {
  const fromTag = request.from.parameters.get('tag') ?? '';
  return {
    ...ours,
    role: 'uac',
    method: request.method,
    callId: request.callId,
    fromTag,
    localTag: fromTag,
    remoteTag: response.to.parameters.get('tag') ?? '',
    local: request.headers.get('From') ?? '',
    remote: response.headers.get('To') ?? '',
    routeSet: response.headers.list('Record-Route').reverse(),
    remoteTarget: contactUri(response) ?? request.uri,
    localSequence: request.cseq.number,
    remoteSequence: undefined,
    credentials: credentialsOf(request),
  };
}

function credentialsOf(request: SipRequest): HeaderPair[] {
  return ['Authorization', 'Proxy-Authorization'].flatMap((name) =>
    request.headers.all(name).map((value) => [name, value] as const),
  );
}
