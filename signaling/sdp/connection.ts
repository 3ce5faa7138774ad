import { BlockList, isIP } from 'node:net';
import { badDescription } from './limits.ts';
import type { MediaSection, SessionSection } from './sections.ts';

/** Nobody's single address. */
const groups = new BlockList();
groups.addSubnet('224.0.0.0', 4, 'ipv4');
groups.addAddress('255.255.255.255', 'ipv4');
groups.addSubnet('ff00::', 8, 'ipv6');

export const unknownAddress = '0.0.0.0';

/**
 * Where c= says that media is to go, RFC 8866 §5.7. A host name gives the unknown address: names are not looked up
 * for media. Throws `bad-description` for what is missing, no address or a group of receivers.
 */
export function readAddress(section: MediaSection, session: SessionSection): string {
  const line = connectionLine(section) ?? connectionLine(session);
  if (line === undefined)
    throw badDescription(section.where, 'has no c= line, nor has the session (RFC 8866 §5.7)');
  const [, version, text = ''] = /^c=IN IP([46]) +([!-~]+) *$/.exec(line) ?? [];
  if (version === undefined) throw badDescription(section.where, 'its c= line is not "IN IP4|IP6 address"');
  const [address = ''] = text.split('/');
  const family = isIP(address);
  if (family === 0 && /[:/]|^[\d.]+$/.test(text))
    throw badDescription(section.where, 'its c= line has no valid address');
  if (family === 0) return unknownAddress;
  if (String(family) !== version) throw badDescription(section.where, 'its c= line mixes up IP4 and IP6');
  if (address !== text || groups.check(address, family === 4 ? 'ipv4' : 'ipv6')) {
    throw badDescription(section.where, 'its c= line is multicast or broadcast; only unicast is served');
  }
  return address;
}

/** RFC 2543's way to hold, still in use: "do not send to me" (RFC 3264 §8.4). */
export function isHoldAddress(section: MediaSection, session: SessionSection): boolean {
  const line = connectionLine(section) ?? connectionLine(session) ?? '';
  return /^c=IN (?:IP4 +0\.0\.0\.0|IP6 +::) *$/.test(line);
}

export function connectionOf(address: string): { version: number; ip: string } {
  return { version: isIP(address) === 6 ? 6 : 4, ip: address };
}

function connectionLine({ lines }: { readonly lines: readonly string[] }): string | undefined {
  return lines.find((line) => line.startsWith('c='));
}
