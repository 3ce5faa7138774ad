import { ZonebridgeError, type AudioDescription, type MediaDirection } from '#kernel/index.ts';
import type { LocalOrigin, RemoteSession } from './contract.ts';
import { commonExtensions } from './headerExtensions.ts';
import { audioSection, refusedSection, sessionLevel, writeText } from './writeSession.ts';

/**
 * Our answer to `remote`: every section in its place, all but the chosen audio refused (RFC 3264 §6). `audio` null
 * refuses that one too. Throws `invalid-argument` when `audio` cannot answer what was offered.
 */
export function writeAnswer(
  remote: RemoteSession,
  audio: AudioDescription | null,
  origin: LocalOrigin,
): string {
  const { audioIndex, sections } = remote;
  const offered = audioIndex === undefined ? undefined : sections[audioIndex]?.audio;
  if (audio !== null && offered === undefined) {
    throw new ZonebridgeError('invalid-argument', 'the offer has no audio section to answer');
  }
  const answer = audio === null || offered === undefined ? null : answerAudio(offered, audio);
  // Only accepted sections stay in the group (RFC 9143 §7.3).
  const bundle = remote.bundle.filter((mid) => mid === answer?.mid);
  const session = sessionLevel(origin, answer, bundle);

  const media = sections.map((section, index) =>
    answer !== null && index === audioIndex
      ? audioSection(answer, section.protocol)
      : refusedSection(section),
  );
  return writeText(session, media);
}

/** What of our description may stand in an answer to this offer. */
function answerAudio(offered: AudioDescription, ours: AudioDescription): AudioDescription {
  if (ours.security.kind !== offered.security.kind) {
    const kinds = `${ours.security.kind} cannot answer ${offered.security.kind}`;
    throw new ZonebridgeError(
      'invalid-argument',
      `the media security of an answer is that of the offer: ${kinds}`,
    );
  }
  if (ours.security.kind === 'dtls' && ours.security.setup === 'actpass') {
    throw new ZonebridgeError('invalid-argument', 'an answer chooses setup active or passive (RFC 5763 §5)');
  }
  const answer: { -readonly [K in keyof AudioDescription]: AudioDescription[K] } = {
    ...ours,
    direction: answerDirection(offered.direction, ours.direction),
    rtcpMux: ours.rtcpMux && offered.rtcpMux,
    headerExtensions: commonExtensions(ours.headerExtensions, offered.headerExtensions),
  };
  delete answer.mid;
  if (offered.mid !== undefined) answer.mid = offered.mid;
  return answer;
}

/** RFC 3264 §6.1: we send only if they receive, and receive only if they send. */
function answerDirection(offered: MediaDirection, ours: MediaDirection): MediaDirection {
  const send = sends(ours) && receives(offered);
  const receive = receives(ours) && sends(offered);
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}

function sends(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

function receives(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}
