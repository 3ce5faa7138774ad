import { splitList, parseNameAddr } from './stack/message/index.ts';
import type { DrachtioMessage } from './drachtio.ts';

const maxProductCharacters = 64;

/**
 * What an INVITE, or the 200 to ours, says of what stands behind it: `isfocus` (RFC 4579 §4.2), the conference package among
 * its events (RFC 4575), its product, and more senders than one endpoint has (RFC 5576). Facts only; the zone's policy judges.
 */
export function signsOf(message: DrachtioMessage, sdp: string): string[] {
  return [
    ...(isFocus(message.get('Contact')) ? ['isfocus'] : []),
    ...(tokensOf(message.get('Allow-Events')).includes('conference') ? ['allow-events=conference'] : []),
    ...product('user-agent', message.get('User-Agent')),
    ...product('server', message.get('Server')),
    ...sdpSigns(sdp),
  ];
}

/** RFC 3323 §4.2: any privacy that concerns who the caller is. A field that cannot be read asks for it, to be safe. */
export function wantsPrivacy(message: DrachtioMessage): boolean {
  const values = tokensOf(message.get('Privacy')?.replaceAll(';', ','));
  return values.some((value) => value !== 'none' && value !== 'critical');
}

function isFocus(contact: string | undefined): boolean {
  if (contact === undefined || contact.trim() === '*') return false;
  return splitList(contact).some((element) => parseNameAddr(element).parameters.has('isfocus'));
}

function tokensOf(value = ''): string[] {
  return value
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '');
}

/** The first product only: its version and what follows identify the installation, not what it is. */
function product(name: string, value: string | undefined): string[] {
  const first = /^[^\s/(]+/.exec(value?.trim() ?? '')?.[0];
  return first === undefined ? [] : [`${name}=${first.slice(0, maxProductCharacters).toLowerCase()}`];
}

function sdpSigns(sdp: string): string[] {
  const lines = sdp.split(/\r?\n/);
  const ssrcs = new Set(
    lines.map((line) => /^a=ssrc:(\d+)/.exec(line)?.[1]).filter((id) => id !== undefined),
  );
  const videos = lines.filter((line) => /^m=video (?!0[ /])/.test(line)).length;
  return [
    ...(ssrcs.size > 1 ? [`sdp-ssrcs=${ssrcs.size}`] : []),
    ...(videos > 0 ? [`sdp-videos=${videos}`] : []),
  ];
}
