import type { AudioDescription } from '#kernel/index.ts';
import type { AudioObstacle, RemoteSection, RemoteSession, SessionRole } from './contract.ts';
import { badDescription } from './limits.ts';
import { readAudio, readMid } from './readAudio.ts';
import { splitSession, type MediaSection, type SessionSection } from './sections.ts';

type AudioReading = AudioDescription | AudioObstacle | undefined;

/**
 * Reads a far end's offer or answer. What breaks its RFC throws `bad-description`, saying what and where; what is only
 * unknown is left out.
 */
export function readSession(text: string, role: SessionRole = 'offer'): RemoteSession {
  const { session, media } = splitSession(text);
  const mids = readMids(media);
  const groups = readBundles(session, mids);
  const readings = media.map((section, index): AudioReading => {
    if (section.media.kind !== 'audio') return undefined;
    const tagged = taggedSection(media, mids, groupOf(groups, mids[index]), section);
    if (isDisabled(section, tagged)) return 'disabled';
    return readAudio(section, { session, role, ...(tagged === undefined ? {} : { tagged }) });
  });
  const audioIndex = chooseAudio(readings);
  return {
    sections: media.map((section, index) => describe(section, readings[index], index === audioIndex)),
    ...(audioIndex === undefined ? {} : { audioIndex }),
    bundle: (audioIndex === undefined ? undefined : groupOf(groups, mids[audioIndex])) ?? groups[0] ?? [],
  };
}

function describe(section: MediaSection, reading: AudioReading, chosen: boolean): RemoteSection {
  const { kind, protocol, formats, port } = section.media;
  return {
    kind,
    ...readMid(section),
    protocol,
    formats,
    disabled: port === 0 && !isBundleOnly(section),
    ...(chosen && typeof reading === 'object' ? { audio: reading } : {}),
    ...(typeof reading === 'string' ? { obstacle: reading } : {}),
  };
}

/** Some phones offer one section with SRTP and one without, in either order: encrypted by default. */
function chooseAudio(readings: readonly AudioReading[]): number | undefined {
  const usable = readings.flatMap((reading, index) =>
    typeof reading === 'object' ? [{ index, secure: reading.security.kind !== 'none' }] : [],
  );
  return (usable.find(({ secure }) => secure) ?? usable[0])?.index;
}

function readMids(media: readonly MediaSection[]): (string | undefined)[] {
  const mids = media.map((section) => readMid(section).mid);
  mids.forEach((mid, index) => {
    if (mid !== undefined && mids.indexOf(mid) !== index) {
      throw badDescription(media[index]?.where ?? '', 'another section has the same a=mid (RFC 5888 §4)');
    }
  });
  return mids;
}

function readBundles({ lines }: SessionSection, mids: readonly (string | undefined)[]): string[][] {
  const groups = lines
    .filter((line) => line.startsWith('a=group:BUNDLE'))
    .map((line) =>
      line
        .split(' ')
        .slice(1)
        .filter((mid) => mids.includes(mid)),
    );
  const members = groups.flat();
  if (new Set(members).size !== members.length) {
    throw badDescription('session level', 'a mid stands twice in a=group:BUNDLE (RFC 9143 §7.2)');
  }
  return groups.filter((group) => group.length > 0);
}

function groupOf(groups: readonly string[][], mid: string | undefined): string[] | undefined {
  return mid === undefined ? undefined : groups.find((group) => group.includes(mid));
}

/** The first of the group that is not refused, when that is another section (RFC 9143 §7.2.1). */
function taggedSection(
  media: readonly MediaSection[],
  mids: readonly (string | undefined)[],
  group: readonly string[] = [],
  own: MediaSection,
): MediaSection | undefined {
  const members = group.map((mid) => media[mids.indexOf(mid)]);
  const tagged = members.find((member) => member !== undefined && member.media.port !== 0);
  return tagged === own ? undefined : tagged;
}

/** RFC 9143 §6: with `bundle-only`, port 0 means that only the shared transport will do. */
function isDisabled(section: MediaSection, tagged: MediaSection | undefined): boolean {
  if (section.media.port !== 0) return false;
  return tagged === undefined || !isBundleOnly(section);
}

function isBundleOnly({ parsed }: MediaSection): boolean {
  return parsed.bundleOnly !== undefined;
}
