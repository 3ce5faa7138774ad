import { isToken, parseUri, type SipRequest } from '../message/index.ts';
import { contactUri } from './contact.ts';
import type { HeaderPair } from './contract.ts';

/** A final response that the user agent gives without asking the application. */
export interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: readonly HeaderPair[];
}

const outsideDialogs: ReadonlySet<string> = new Set([
  'INVITE',
  'OPTIONS',
  'REGISTER',
  'MESSAGE',
  'INFO',
  'NOTIFY',
  'SUBSCRIBE',
  'PUBLISH',
  'REFER',
]);
const insideDialogsOnly: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK']);
const allowed = [...outsideDialogs, ...insideDialogsOnly, 'ACK', 'CANCEL'].sort().join(', ');

/** RFC 3261 §21.5.2 */
export const notImplemented: Refusal = { status: 501, headers: [['Allow', allowed]] };

/** RFC 3261 §8.2 for a request outside of dialogs. */
export function refuseNew(request: SipRequest, supported: readonly string[]): Refusal | undefined {
  if (insideDialogsOnly.has(request.method)) return { status: 481 };
  if (!outsideDialogs.has(request.method)) return notImplemented;
  const refusal = refuseAny(request, supported);
  if (refusal !== undefined) return refusal;
  if (!isDialable(request.uri)) return { status: 416 };
  if (request.headers.get('Max-Forwards') === '0' && request.method !== 'OPTIONS') return { status: 483 };
  if (request.method !== 'INVITE' && request.method !== 'SUBSCRIBE') return undefined;
  if (contactUri(request) === undefined) return { status: 400, reason: 'Missing Contact' };
  return request.from.parameters.has('tag') ? undefined : { status: 400, reason: 'Missing From Tag' };
}

/** Known in dialogs: what is known outside of them, and the rest. */
export function isKnownInDialog(method: string): boolean {
  return outsideDialogs.has(method) || insideDialogsOnly.has(method);
}

/** What holds in dialogs too: tags that are tokens (RFC 3261 §25.1), and no unknown demands (§8.2.2.3). */
export function refuseAny(request: SipRequest, supported: readonly string[]): Refusal | undefined {
  for (const party of [request.from, request.to]) {
    const tag = party.parameters.get('tag');
    if (tag !== undefined && !isToken(tag)) return { status: 400, reason: 'Invalid Tag' };
  }
  const unknown = request.headers.list('Require').filter((tag) => !supported.includes(tag.toLowerCase()));
  if (unknown.length === 0) return undefined;
  return { status: 420, headers: [['Unsupported', unknown.join(', ')]] };
}

function isDialable(uri: string): boolean {
  return /^(?:sips?|tel):/i.test(uri) && ['sip', 'sips', 'tel'].includes(parseUri(uri).scheme);
}
