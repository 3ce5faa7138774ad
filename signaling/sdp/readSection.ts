import type { MediaDirection } from '#kernel/index.ts';
import { isHoldAddress, readAddress } from './connection.ts';
import type { CommonDescription, Obstacle, SessionRole } from './contract.ts';
import { readExtensions } from './headerExtensions.ts';
import { readIce } from './ice.ts';
import { badDescription } from './limits.ts';
import { readSecurity, type TransportSections } from './security.ts';
import type { MediaSection, SessionSection } from './sections.ts';

const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const satisfies MediaDirection[];

export interface Surroundings {
  readonly session: SessionSection;
  /** The section whose transport a bundled one shares (RFC 9143 §7.1.3). */
  readonly tagged?: MediaSection;
  readonly role: SessionRole;
}

/**
 * One m-section that is not refused, or why we cannot use it. `readFormats` gives what is of its medium alone, undefined when
 * it has no codec for us. Throws `bad-description`.
 */
export function readSection<F extends object>(
  section: MediaSection,
  { session, tagged, role }: Surroundings,
  readFormats: (section: MediaSection) => F | undefined,
): (CommonDescription & F) | Obstacle {
  const levels: TransportSections = [section, ...(tagged === undefined ? [] : [tagged]), session];
  const security = readSecurity(section, levels, role);
  const address = readAddress(section, session);
  if (security === undefined) return 'transport';
  const formats = readFormats(section);
  if (formats === undefined) return 'codec';
  if (security === 'unusable') return 'security';
  const ice = readIce(section, levels, session);
  const held = ice === undefined && isHoldAddress(section, session);
  const direction = readDirection(section, session);
  return {
    ...readMid(section),
    direction: held ? withoutReceiving(direction) : direction,
    ...formats,
    security,
    ...(ice === undefined ? {} : { ice }),
    address,
    port: section.media.port === 0 && tagged !== undefined ? tagged.media.port : section.media.port,
    ...readRtcp(section),
    ...readSource(section),
    headerExtensions: readExtensions(section, session),
  };
}

/** RFC 5888 §4: a token. */
export function readMid({ where, parsed }: MediaSection): { mid?: string } {
  if (parsed.mid === undefined) return {};
  const mid = String(parsed.mid);
  if (!/^[!-~]{1,64}$/.test(mid))
    throw badDescription(where, 'its a=mid is no token of up to 64 characters (RFC 5888 §4)');
  return { mid };
}

export function withoutReceiving(direction: MediaDirection): MediaDirection {
  return direction === 'sendrecv' || direction === 'sendonly' ? 'sendonly' : 'inactive';
}

export function isSsrc(id: unknown): id is number {
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 ** 32;
}

function readDirection(section: MediaSection, session: SessionSection): MediaDirection {
  return directionOf(section) ?? directionOf(session) ?? 'sendrecv';
}

function directionOf({ lines }: { readonly lines: readonly string[] }): MediaDirection | undefined {
  return directions.find((direction) => lines.some((line) => line.trimEnd() === `a=${direction}`));
}

/** RFC 5761, RFC 8858, RFC 3605. */
function readRtcp(section: MediaSection): Pick<CommonDescription, 'rtcpMux' | 'rtcpPort'> {
  const { where, lines, media, parsed } = section;
  if (lines.some((line) => /^a=rtcp-mux(?:-only)? *$/.test(line))) return { rtcpMux: true };
  const port = Number(parsed.rtcp?.port ?? media.port + 1);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw badDescription(where, 'RTCP has no port: a=rtcp or the RTP port leaves none (RFC 3605 §2.1)');
  }
  return { rtcpMux: false, rtcpPort: port };
}

/** RFC 5576: the first source is the one that sends now. */
function readSource({ parsed }: MediaSection): Pick<CommonDescription, 'ssrc' | 'cname'> {
  const ssrc = parsed.ssrcs?.map(({ id }) => id).find(isSsrc);
  if (ssrc === undefined) return {};
  const named = parsed.ssrcs?.find(({ id, attribute }) => id === ssrc && attribute === 'cname');
  return { ssrc, ...(named?.value === undefined ? {} : { cname: String(named.value) }) };
}
