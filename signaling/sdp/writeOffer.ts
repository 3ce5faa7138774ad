import type { MediaDescription } from 'sdp-transform';
import { ZonebridgeError, type AudioDescription, type MediaSecurity } from '#kernel/index.ts';
import type { LocalOrigin, RemoteSession } from './contract.ts';
import { audioSection, refusedSection, sessionLevel, writeText } from './writeSession.ts';

/**
 * Our offer of one audio section. A browser's is bundled DTLS-SRTP with ICE; a phone's is whatever `audio.security` says.
 * Throws `invalid-argument` when a browser's has no DTLS, ICE or mid.
 */
export function writeOffer(audio: AudioDescription, origin: LocalOrigin, kind: 'browser' | 'phone'): string {
  if (kind === 'phone') {
    return writeText(sessionLevel(origin, audio, []), [audioSection(audio, profiles[audio.security.kind])]);
  }
  if (audio.security.kind !== 'dtls' || audio.ice === undefined || audio.mid === undefined) {
    throw new ZonebridgeError(
      'invalid-argument',
      'an offer to a browser needs DTLS, ICE and a mid (RFC 8829 §5.2.1)',
    );
  }
  const section = audioSection(audio, 'UDP/TLS/RTP/SAVPF');
  return writeText(sessionLevel(origin, audio, [audio.mid]), [{ ...section, ...browserAttributes(audio) }]);
}

/**
 * A new offer to a phone in a session that `remote` described last: RFC 3264 §8 keeps every section in its place. Throws
 * `invalid-argument` when that description has no audio.
 */
export function writeReoffer(remote: RemoteSession, audio: AudioDescription, origin: LocalOrigin): string {
  const { audioIndex, sections, bundle } = remote;
  if (audioIndex === undefined) {
    throw new ZonebridgeError('invalid-argument', 'the session has no audio section to offer again');
  }
  const media = sections.map((section, index) =>
    index === audioIndex ? audioSection(audio, section.protocol) : refusedSection(section),
  );
  const ownGroup = bundle.filter((mid) => mid === audio.mid);
  return writeText(sessionLevel(origin, audio, ownGroup), media);
}

const profiles = {
  dtls: 'UDP/TLS/RTP/SAVP',
  sdes: 'RTP/SAVP',
  none: 'RTP/AVP',
} as const satisfies Record<MediaSecurity['kind'], string>;

/** The track's names are constants: they say nothing about who is heard. */
function browserAttributes({ codecs, headerExtensions }: AudioDescription): Partial<MediaDescription> {
  const feedback = codecs.map(({ payloadType }) => ({ payload: payloadType, type: 'transport-cc' }));
  return {
    msid: [{ id: 'zonebridge', appdata: 'audio' }],
    rtcpRsize: 'rtcp-rsize',
    ...(headerExtensions.transportCc === undefined ? {} : { rtcpFb: feedback }),
  };
}
