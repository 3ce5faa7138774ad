import { isIP } from 'node:net';
import type { MediaAttributes } from 'sdp-transform';
import type { IceCandidate, IceParameters } from '#kernel/index.ts';
import { badDescription, limits } from './limits.ts';
import type { TransportSections } from './security.ts';
import type { Loose, MediaSection, SessionSection } from './sections.ts';

type CandidateAttribute = NonNullable<MediaAttributes['candidates']>[number];
type ParsedCandidate = Loose<CandidateAttribute>;

const tcpTypes = ['passive', 'active', 'so'] as const;

/** RFC 8839 §5. Credentials and candidates belong together, so they come from one section. */
export function readIce(
  section: MediaSection,
  levels: TransportSections,
  session: SessionSection,
): IceParameters | undefined {
  const level = levels.find(({ parsed }) => parsed.iceUfrag !== undefined || parsed.icePwd !== undefined);
  if (level === undefined) return undefined;
  // The library turns what looks like a number into one.
  const usernameFragment = String(level.parsed.iceUfrag ?? '');
  const password = String(level.parsed.icePwd ?? '');
  if (!/^[A-Za-z0-9+/]{4,256}$/.test(usernameFragment)) {
    throw badDescription(level.where, 'a=ice-ufrag is missing or not 4 to 256 ice-chars (RFC 8839 §5.4)');
  }
  if (!/^[A-Za-z0-9+/]{22,256}$/.test(password)) {
    throw badDescription(level.where, 'a=ice-pwd is missing or not 22 to 256 ice-chars (RFC 8839 §5.4)');
  }
  const holder = level === session ? section : (level as MediaSection);
  return {
    usernameFragment,
    password,
    lite: session.parsed.icelite !== undefined,
    candidates: readCandidates(holder),
  };
}

export function candidateAttribute(candidate: IceCandidate): CandidateAttribute {
  const { foundation, priority, address, port, protocol, tcpType } = candidate;
  const tcp = tcpType === undefined ? {} : { tcptype: tcpType };
  return { foundation, component: 1, transport: protocol, priority, ip: address, port, type: 'host', ...tcp };
}

function readCandidates({ where, parsed }: MediaSection): IceCandidate[] {
  const candidates = parsed.candidates ?? [];
  if (candidates.length > limits.candidates) {
    throw badDescription(where, `more than ${limits.candidates} a=candidate lines`);
  }
  return candidates.flatMap(readCandidate);
}

/** Of RTP's component only; a name (`….local`) needs mDNS, which a server does not speak, and is left out. */
function readCandidate(parsed: ParsedCandidate): IceCandidate[] {
  const { component, priority, port } = parsed;
  const address = String(parsed.ip);
  const transport = String(parsed.transport).toLowerCase();
  const protocol = transport === 'udp' || transport === 'tcp' ? transport : undefined;
  const tcpType = tcpTypes.find((type) => type === parsed.tcptype);
  if (component !== 1 || protocol === undefined || isIP(address) === 0) return [];
  if (!inRange(priority, 2 ** 32 - 1) || !inRange(port, 65_535)) return [];
  const tcp = protocol === 'tcp' && tcpType !== undefined ? { tcpType } : {};
  return [{ foundation: String(parsed.foundation), priority, address, port, protocol, ...tcp }];
}

function inRange(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}
