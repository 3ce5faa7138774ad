import type { AudioDescription, SessionDescription, VideoDescription } from '#kernel/index.ts';
import {
  browserMids,
  type FarEnd,
  type Obstacle,
  type RemoteSection,
  type RemoteSession,
  type SessionRole,
  type UsedSections,
} from './contract.ts';
import { badDescription } from './limits.ts';
import { readAudio } from './readAudio.ts';
import { readMid, type Surroundings } from './readSection.ts';
import { readVideo } from './readVideo.ts';
import { splitSession, type MediaSection, type SessionSection } from './sections.ts';

type Mids = readonly (string | undefined)[];

/** What was found in one section; only what can be used is described. */
interface Reading {
  readonly audio?: AudioDescription;
  readonly video?: VideoDescription;
  readonly obstacle?: Obstacle;
}

/**
 * Reads a far end's offer or answer. What breaks its RFC throws `bad-description`, saying what and where; what is only
 * unknown is left out.
 */
export function readSession(
  text: string,
  role: SessionRole = 'offer',
  farEnd: FarEnd = 'phone',
): RemoteSession {
  const { session, media } = splitSession(text);
  const mids = readMids(media);
  const groups = readBundles(session, mids);
  const readings = media.map((section, index): Reading => {
    const tagged = taggedSection(media, mids, groupOf(groups, mids[index]), section);
    return readMedia(section, { session, role, ...(tagged === undefined ? {} : { tagged }) });
  });
  const audioIndex = chooseAudio(readings);
  const protectedAlike = readings.map((reading) => refuseOther(reading, readings[audioIndex ?? -1]?.audio));
  const used: UsedSections = {
    ...(audioIndex === undefined ? {} : { audioIndex }),
    ...(farEnd === 'phone' ? chooseVideo(protectedAlike) : recogniseVideos(protectedAlike, mids)),
  };
  const indices = Object.values(used) as readonly number[];
  return {
    sections: media.map((section, index) =>
      remoteSection(section, protectedAlike[index] ?? {}, indices.includes(index)),
    ),
    ...used,
    bundle: (audioIndex === undefined ? undefined : groupOf(groups, mids[audioIndex])) ?? groups[0] ?? [],
  };
}

/** What a far end says of itself, in the sections that we use; undefined when there is no usable audio among them. */
export function descriptionOf(remote: RemoteSession): SessionDescription | undefined {
  const { sections, audioIndex, videoIndex, screenIndex, alternateIndex } = remote;
  const audio = audioIndex === undefined ? undefined : sections[audioIndex]?.audio;
  if (audio === undefined) return undefined;
  const videoAt = (index: number | undefined): VideoDescription | undefined =>
    index === undefined ? undefined : sections[index]?.video;
  const [video, screen, alternate] = [videoIndex, screenIndex, alternateIndex].map(videoAt);
  return {
    audio,
    ...(video === undefined ? {} : { video }),
    ...(screen === undefined ? {} : { screen }),
    ...(alternate === undefined ? {} : { alternate }),
  };
}

function readMedia(section: MediaSection, surroundings: Surroundings): Reading {
  const { kind } = section.media;
  if (kind !== 'audio' && kind !== 'video') return {};
  if (isDisabled(section, surroundings.tagged)) return { obstacle: 'disabled' };
  if (kind === 'audio') {
    const audio = readAudio(section, surroundings);
    return typeof audio === 'string' ? { obstacle: audio } : { audio };
  }
  const video = readVideo(section, surroundings);
  return typeof video === 'string' ? { obstacle: video } : { video };
}

function remoteSection(
  section: MediaSection,
  { audio, video, obstacle }: Reading,
  used: boolean,
): RemoteSection {
  const { kind, protocol, formats, port } = section.media;
  return {
    kind,
    ...readMid(section),
    protocol,
    formats,
    disabled: port === 0 && !isBundleOnly(section),
    ...(used && audio !== undefined ? { audio } : {}),
    ...(used && video !== undefined ? { video } : {}),
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

/** Some phones offer one section with SRTP and one without, in either order: encrypted by default. */
function chooseAudio(readings: readonly Reading[]): number | undefined {
  const usable = readings.flatMap(({ audio }, index) =>
    audio === undefined ? [] : [{ index, secure: audio.security.kind !== 'none' }],
  );
  return (usable.find(({ secure }) => secure) ?? usable[0])?.index;
}

/** The pictures of a call are protected as its voices are, or there are none. */
function refuseOther(reading: Reading, audio: AudioDescription | undefined): Reading {
  const { video } = reading;
  return video === undefined || video.security.kind === audio?.security.kind
    ? reading
    : { obstacle: 'security' };
}

function chooseVideo(readings: readonly Reading[]): UsedSections {
  const videoIndex = readings.findIndex(({ video }) => video !== undefined && video.content !== 'slides');
  return videoIndex < 0 ? {} : { videoIndex };
}

function recogniseVideos(readings: readonly Reading[], mids: Mids): UsedSections {
  const find = (mid: string): number | undefined => {
    const index = mids.indexOf(mid);
    return readings[index]?.video === undefined ? undefined : index;
  };
  const [videoIndex, screenIndex, alternateIndex] = [
    find(browserMids.video),
    find(browserMids.screen),
    find(browserMids.alternate),
  ];
  return {
    ...(videoIndex === undefined ? {} : { videoIndex }),
    ...(screenIndex === undefined ? {} : { screenIndex }),
    ...(alternateIndex === undefined ? {} : { alternateIndex }),
  };
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

function readBundles({ lines }: SessionSection, mids: Mids): string[][] {
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
  mids: Mids,
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
