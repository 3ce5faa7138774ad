/** What this user agent can do, as OPTIONS and refusals say it (RFC 3261 §11.2, §8.2.1). */
export const allow = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK';

export const capabilityHeaders = {
  Allow: allow,
  Accept: 'application/sdp, application/dtmf-relay, application/dtmf',
  'Accept-Encoding': 'identity',
  'Accept-Language': 'en',
  Supported: '100rel, timer',
} as const;

/** How a request outside INVITE and OPTIONS is refused; a method that is not here is not implemented (501). */
export const refusedMethods = {
  REGISTER: { status: 405, phrase: 'Method Not Allowed', headers: { Allow: allow } },
  MESSAGE: { status: 405, phrase: 'Method Not Allowed', headers: { Allow: allow } },
  PUBLISH: { status: 489, phrase: 'Bad Event', headers: {} },
  SUBSCRIBE: { status: 489, phrase: 'Bad Event', headers: {} },
  NOTIFY: { status: 489, phrase: 'Bad Event', headers: {} },
  REFER: { status: 405, phrase: 'Method Not Allowed', headers: { Allow: allow } },
  INFO: { status: 481, phrase: 'Call/Transaction Does Not Exist', headers: {} },
} as const satisfies Record<string, { status: number; phrase: string; headers: Record<string, string> }>;
