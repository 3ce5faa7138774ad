import { terminationTexts, type TerminationCause } from '#kernel/index.ts';

interface SipEnding {
  /** Status of a refusal; for a goodbye the cause in its Reason header (RFC 3326). */
  readonly status: number;
  readonly phrase: string;
  /** RFC 3261 §20.33: worth another try after this many seconds. */
  readonly retryAfterSeconds?: number;
  /** RFC 3261 §20.43 */
  readonly warning?: string;
}

const notFound = { status: 404, phrase: 'Not Found' } as const;

/** An unknown room and a refused call are told the same thing. */
const endings = {
  'remote-hangup': { status: 200, phrase: 'OK' },
  'local-hangup': { status: 200, phrase: 'OK' },
  cancelled: { status: 487, phrase: 'Request Terminated' },
  'not-found': notFound,
  forbidden: notFound,
  busy: { status: 486, phrase: 'Busy Here', retryAfterSeconds: 60 },
  'not-acceptable': {
    status: 488,
    phrase: 'Not Acceptable Here',
    warning: '304 zonebridge "No common codec or media encryption"',
  },
  'bad-request': { status: 400, phrase: 'Bad Request' },
  'zone-draining': { status: 503, phrase: 'Service Unavailable', retryAfterSeconds: 120 },
  'server-stopping': { status: 503, phrase: 'Service Unavailable', retryAfterSeconds: 30 },
  'media-timeout': { status: 408, phrase: 'Request Timeout' },
  'transport-lost': { status: 430, phrase: 'Flow Failed' },
  'worker-lost': { status: 500, phrase: 'Server Internal Error', retryAfterSeconds: 5 },
  'ack-timeout': { status: 408, phrase: 'Request Timeout' },
  'session-expired': { status: 408, phrase: 'Request Timeout' },
  failed: { status: 500, phrase: 'Server Internal Error' },
} as const satisfies Record<TerminationCause, SipEnding>;

export interface SipRefusal {
  readonly status: number;
  readonly phrase: string;
  readonly headers: Record<string, string>;
}

/** The final response for a call that is not admitted. */
export function refusalOf(cause: TerminationCause): SipRefusal {
  const ending: SipEnding = endings[cause];
  const { status, phrase, retryAfterSeconds, warning } = ending;
  // A refusal must never look like an acceptance, whatever it is for.
  const refused = status < 300 ? endings.failed : { status, phrase };
  return {
    ...refused,
    headers: {
      Reason: reasonHeader(cause),
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
      ...(warning === undefined ? {} : { Warning: warning }),
    },
  };
}

/** RFC 3326, with a sentence that a person can use. */
export function reasonHeader(cause: TerminationCause): string {
  return `SIP;cause=${endings[cause].status};text="${terminationTexts[cause]}"`;
}

/** What the engine's own goodbye to us means, by the text of its Reason header. */
export function causeOfReason(text: string): TerminationCause {
  if (text.includes('ACK timeout')) return 'ack-timeout';
  if (text.includes('Session timer expired')) return 'session-expired';
  if (text.includes('Flow')) return 'transport-lost';
  return 'remote-hangup';
}
