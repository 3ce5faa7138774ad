import { terminationTexts, type ErrorCode, type TerminationCause } from '#kernel/index.ts';
import type { Headers } from './drachtio.ts';

interface Ending {
  /** Of the response that refuses a call. */
  readonly status: number;
  readonly phrase: string;
  /** RFC 3326 `cause` of the BYE that ends a call; the status where it is not given. */
  readonly byeCause?: number;
  /** RFC 3261 §20.33. */
  readonly retryAfterSeconds?: number;
  /** RFC 3261 §20.43. */
  readonly warningCode?: number;
}

/** The far end learns from the cause alone: an unknown room and a refused call are the same to it. */
const endings = {
  'remote-hangup': { status: 487, phrase: 'Request Terminated', byeCause: 200 },
  'local-hangup': { status: 480, phrase: 'Temporarily Unavailable', byeCause: 200 },
  cancelled: { status: 487, phrase: 'Request Terminated' },
  'not-found': { status: 404, phrase: 'Not Found' },
  forbidden: { status: 404, phrase: 'Not Found' },
  'identity-missing': { status: 404, phrase: 'Not Found' },
  'pin-failed': { status: 404, phrase: 'Not Found' },
  locked: { status: 404, phrase: 'Not Found' },
  'lobby-refused': { status: 404, phrase: 'Not Found', byeCause: 403 },
  'lobby-timeout': { status: 480, phrase: 'Temporarily Unavailable' },
  removed: { status: 403, phrase: 'Forbidden', byeCause: 200 },
  'conference-ended': { status: 480, phrase: 'Temporarily Unavailable', byeCause: 200 },
  'duration-over': { status: 480, phrase: 'Temporarily Unavailable', byeCause: 200 },
  'policy-ended': { status: 403, phrase: 'Forbidden' },
  'window-ended': { status: 403, phrase: 'Forbidden' },
  'logged-out': { status: 403, phrase: 'Forbidden' },
  declined: { status: 603, phrase: 'Decline' },
  'no-answer': { status: 480, phrase: 'Temporarily Unavailable' },
  unreachable: { status: 480, phrase: 'Temporarily Unavailable' },
  busy: { status: 486, phrase: 'Busy Here' },
  'no-capacity': { status: 503, phrase: 'Service Unavailable', retryAfterSeconds: 60 },
  'not-acceptable': { status: 488, phrase: 'Not Acceptable Here', warningCode: 305 },
  'bad-request': { status: 400, phrase: 'Bad Request' },
  'zone-draining': { status: 503, phrase: 'Service Unavailable', retryAfterSeconds: 300 },
  'server-stopping': { status: 503, phrase: 'Service Unavailable', retryAfterSeconds: 30 },
  'media-timeout': { status: 480, phrase: 'Temporarily Unavailable', byeCause: 408 },
  'transport-lost': { status: 430, phrase: 'Flow Failed' },
  'worker-lost': { status: 503, phrase: 'Service Unavailable', retryAfterSeconds: 10 },
  'ack-timeout': { status: 408, phrase: 'Request Timeout' },
  'session-expired': { status: 408, phrase: 'Request Timeout' },
  failed: { status: 500, phrase: 'Server Internal Error' },
} as const satisfies Record<TerminationCause, Ending>;

/** A final response that refuses something. */
export interface Refusal {
  readonly status: number;
  readonly phrase: string;
  readonly headers: Headers;
}

export function refusalOf(cause: TerminationCause): Refusal {
  const { status, phrase, retryAfterSeconds, warningCode }: Ending = endings[cause];
  return {
    status,
    phrase,
    headers: {
      Reason: reasonHeader(status, terminationTexts[cause]),
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
      ...(warningCode === undefined ? {} : { Warning: warningHeader(warningCode, terminationTexts[cause]) }),
    },
  };
}

/** Reason header of the BYE that ends a call for this cause. */
export function byeReason(cause: TerminationCause): string {
  const { status, byeCause }: Ending = endings[cause];
  return reasonHeader(byeCause ?? status, terminationTexts[cause]);
}

/** How a thing that was thrown while a call is set up or changed shows to the far end. */
export const causesOfErrors = {
  'config-invalid': 'failed',
  'invalid-argument': 'failed',
  'bad-message': 'bad-request',
  'bad-description': 'bad-request',
  'not-acceptable': 'not-acceptable',
  'not-found': 'not-found',
  forbidden: 'forbidden',
  busy: 'busy',
  timeout: 'failed',
  unreachable: 'worker-lost',
  closed: 'transport-lost',
  unavailable: 'zone-draining',
  internal: 'failed',
} as const satisfies Record<ErrorCode, TerminationCause>;

/** The same of a call that we made, until it was answered. */
export const causesOfCalls = {
  ...causesOfErrors,
  busy: 'busy',
  forbidden: 'declined',
  timeout: 'no-answer',
  unreachable: 'unreachable',
  closed: 'cancelled',
} as const satisfies Record<ErrorCode, TerminationCause>;

/** RFC 3326 §2. */
export function reasonHeader(cause: number, text: string): string {
  return `SIP;cause=${cause};text=${quoted(text)}`;
}

/** RFC 3261 §20.43; the warn-agent is a constant. */
export function warningHeader(code: number, text: string): string {
  return `${code} zonebridge ${quoted(text)}`;
}

/** A quoted-string that every parser reads: ASCII, and nothing that would end it. */
function quoted(text: string): string {
  const plain = text.replaceAll('§', 'section ').replaceAll('…', '...');
  return `"${plain
    .replace(/[^ -~]/g, '?')
    .replaceAll('"', "'")
    .replaceAll('\\', '/')}"`;
}

/** Why the engine ended a dialog by itself, by the text of its Reason header. */
export function causeOfEngine(reason: string | undefined): TerminationCause {
  const text = /text="([^"]*)"/.exec(reason ?? '')?.[1];
  if (text === 'ACK timeout') return 'ack-timeout';
  return text === 'Session timer expired' ? 'session-expired' : 'transport-lost';
}
