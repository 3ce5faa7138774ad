import type { MediaDescription } from 'sdp-transform';
import {
  ZonebridgeError,
  type AudioDescription,
  type MediaSecurity,
  type SessionDescription,
  type VideoDescription,
} from '#kernel/index.ts';
import type { FarEnd, LocalOrigin, RemoteSession } from './contract.ts';
import { bundleOf, withMid } from './writeAnswer.ts';
import { audioSection, refusedSection, sessionLevel, videoSection, writeText } from './writeSession.ts';

/**
 * Our offer. A browser's is bundled DTLS-SRTP with ICE, one section for each part of `local`; a phone's has the audio and the main
 * video, protected as they say. Throws `invalid-argument` when a browser's has no DTLS, ICE or mid.
 */
export function writeOffer(local: SessionDescription, origin: LocalOrigin, farEnd: FarEnd): string {
  return farEnd === 'browser' ? browserOffer(local, origin) : phoneOffer(local, origin);
}

/**
 * A new offer to a phone in a session that `remote` described last: RFC 3264 §8 keeps every section in its place. A video that
 * is not there any more is not offered again. Throws `invalid-argument` when that description has no audio.
 */
export function writeReoffer(
  remote: RemoteSession,
  { audio, video }: SessionDescription,
  origin: LocalOrigin,
): string {
  const { audioIndex, videoIndex, sections, bundle } = remote;
  if (audioIndex === undefined) {
    throw new ZonebridgeError('invalid-argument', 'the session has no audio section to offer again');
  }
  const midAt = (index: number | undefined): string | undefined => sections[index ?? -1]?.mid;
  const offered = {
    audio: withMid(midAt(audioIndex), audio),
    ...(video === undefined ? {} : { video: withMid(midAt(videoIndex), video) }),
  };
  const media = sections.map((section, index) => {
    if (index === audioIndex) return audioSection(offered.audio, section.protocol);
    if (index === videoIndex && offered.video !== undefined)
      return videoSection(offered.video, section.protocol);
    return refusedSection(section);
  });
  return writeText(sessionLevel(origin, audio, bundleOf(bundle, offered)), media);
}

function phoneOffer({ audio, video }: SessionDescription, origin: LocalOrigin): string {
  const media = [audioSection(audio, profiles[audio.security.kind])];
  if (video !== undefined) media.push(videoSection(video, profiles[video.security.kind]));
  return writeText(sessionLevel(origin, audio, []), media);
}

function browserOffer(local: SessionDescription, origin: LocalOrigin): string {
  const { audio, video, screen, alternate } = local;
  const videos = [
    { video, msid: tracks.picture },
    { video: screen, msid: tracks.screen },
    { video: alternate, msid: tracks.alternate },
  ];
  const media = [
    { ...audioSection(audio, browserProfile), ...audioFeedback(audio), ...browserAttributes(tracks.audio) },
    ...videos.flatMap(({ video: described, msid }) =>
      described === undefined
        ? []
        : [{ ...videoSection(described, browserProfile), ...browserAttributes(msid) }],
    ),
  ];
  const mids = [audio, video, screen, alternate].flatMap((section) =>
    section === undefined ? [] : [midForBrowser(section)],
  );
  return writeText(sessionLevel(origin, audio, mids), media);
}

function midForBrowser({ security, ice, mid }: AudioDescription | VideoDescription): string {
  if (security.kind === 'dtls' && ice !== undefined && mid !== undefined) return mid;
  throw new ZonebridgeError(
    'invalid-argument',
    'an offer to a browser needs DTLS, ICE and a mid (RFC 8829 §5.2.1)',
  );
}

const browserProfile = 'UDP/TLS/RTP/SAVPF';

const profiles = {
  dtls: 'UDP/TLS/RTP/SAVP',
  sdes: 'RTP/SAVP',
  none: 'RTP/AVP',
} as const satisfies Record<MediaSecurity['kind'], string>;

/**
 * The names of tracks are constants: they say nothing about who is heard or seen. Browsers keep one video in step with the
 * audio of its stream, so the others have a stream of their own.
 */
const tracks = {
  audio: { id: 'zonebridge', appdata: 'audio' },
  picture: { id: 'zonebridge', appdata: 'picture' },
  screen: { id: 'zonebridge-screen', appdata: 'screen' },
  alternate: { id: 'zonebridge-alternate', appdata: 'alternate' },
} as const;

function browserAttributes(msid: { id: string; appdata: string }): Partial<MediaDescription> {
  return { msid: [msid], rtcpRsize: 'rtcp-rsize' };
}

function audioFeedback({ codecs, headerExtensions }: AudioDescription): Partial<MediaDescription> {
  if (headerExtensions.transportCc === undefined) return {};
  return { rtcpFb: codecs.map(({ payloadType }) => ({ payload: payloadType, type: 'transport-cc' })) };
}
