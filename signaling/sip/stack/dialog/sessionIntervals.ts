import type { SipMessage, SipRequest, SipResponse } from '../message/index.ts';
import type { UserAgentOptions } from './contract.ts';
import type { Refusal } from './refusals.ts';
import { hasOption } from './ReliableProvisional.ts';

/** What RFC 4028 has agreed on: who refreshes, and by when the session is over without it. */
export interface SessionInterval {
  readonly seconds: number;
  readonly refresher: 'us' | 'peer';
}

interface SessionExpires {
  readonly seconds: number;
  readonly refresher: 'uac' | 'uas' | undefined;
}

/** RFC 4028 §9: an interval that is too short for us. */
export function refuseInterval(
  request: SipRequest,
  options: Pick<UserAgentOptions, 'minSessionSeconds'>,
): Refusal | undefined {
  if (!carriesSession(request.method)) return undefined;
  const wanted = sessionExpires(request);
  if (wanted === undefined || wanted.seconds >= options.minSessionSeconds) return undefined;
  return { status: 422, headers: [['Min-SE', String(options.minSessionSeconds)]] };
}

/**
 * RFC 4028 §9 for a 2xx of ours: the application's Session-Expires, else what the peer asked for. Writes it into the
 * response, with the refresher, which is the peer when nobody said otherwise.
 */
export function agreeAsUas(request: SipRequest, response: SipResponse): SessionInterval | undefined {
  const { status } = response;
  if (status < 200 || status >= 300 || !carriesSession(request.method)) return undefined;
  const wanted = sessionExpires(response) ?? sessionExpires(request);
  if (wanted === undefined) return undefined;
  const peerCanRefresh = hasOption(request.headers.list('Supported'), 'timer');
  const refresher = wanted.refresher ?? (peerCanRefresh ? 'uac' : 'uas');
  response.headers.set('Session-Expires', `${wanted.seconds};refresher=${refresher}`);
  if (refresher === 'uac' && !hasOption(response.headers.list('Require'), 'timer')) {
    response.headers.append('Require', 'timer');
  }
  return { seconds: wanted.seconds, refresher: refresher === 'uac' ? 'peer' : 'us' };
}

/** RFC 4028 §7.2 for a 2xx of the peer. */
export function agreeAsUac(response: SipResponse): SessionInterval | undefined {
  const agreed = sessionExpires(response);
  if (agreed === undefined) return undefined;
  return { seconds: agreed.seconds, refresher: agreed.refresher === 'uas' ? 'peer' : 'us' };
}

function carriesSession(method: string): boolean {
  return method === 'INVITE' || method === 'UPDATE';
}

function sessionExpires(message: SipMessage): SessionExpires | undefined {
  const value = message.headers.get('Session-Expires');
  const match = /^\s*(\d{1,9})\s*(?:;(.*))?$/.exec(value ?? '');
  if (match === null) return undefined;
  const refresher = /(?:^|;)\s*refresher\s*=\s*(uac|uas)\b/i.exec(match[2] ?? '')?.[1]?.toLowerCase();
  return {
    seconds: Number(match[1]),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined,
  };
}
