import {
  ZonebridgeError,
  type MediaDirection,
  type SessionDescription,
  type VideoCodec,
  type VideoDescription,
} from '#kernel/index.ts';
import type { CommonDescription, LocalOrigin, RemoteSession } from './contract.ts';
import { answerH264 } from './h264.ts';
import { commonExtensions } from './headerExtensions.ts';
import { descriptionOf } from './readSession.ts';
import { audioSection, refusedSection, sessionLevel, videoSection, writeText } from './writeSession.ts';

/**
 * Our answer to `remote`: every section in its place, all but the chosen audio and, where `local` has it, the main video refused
 * (RFC 3264 §6). `local` null refuses those too. Throws `invalid-argument` when `local` cannot answer what was offered.
 */
export function writeAnswer(
  remote: RemoteSession,
  local: SessionDescription | null,
  origin: LocalOrigin,
): string {
  const { audioIndex, videoIndex, sections } = remote;
  const answer = local === null ? null : answerSession(remote, local);
  const media = sections.map((section, index) => {
    if (answer !== null && index === audioIndex) return audioSection(answer.audio, section.protocol);
    if (answer?.video !== undefined && index === videoIndex)
      return videoSection(answer.video, section.protocol);
    return refusedSection(section);
  });
  return writeText(sessionLevel(origin, answer?.audio ?? null, bundleOf(remote.bundle, answer)), media);
}

/** Accepted sections stay in the group where they share the transport of the audio (RFC 9143 §7.3). */
export function bundleOf(group: readonly string[], answer: SessionDescription | null): string[] {
  if (answer === null) return [];
  const { audio, video } = answer;
  const shared = video?.address === audio.address && video.port === audio.port ? [video.mid] : [];
  return group.filter((mid) => [audio.mid, ...shared].includes(mid));
}

function answerSession(remote: RemoteSession, local: SessionDescription): SessionDescription {
  const offered = descriptionOf(remote);
  if (offered === undefined) {
    throw new ZonebridgeError('invalid-argument', 'the offer has no audio section to answer');
  }
  const audio = answerSection(offered.audio, local.audio);
  if (local.video === undefined) return { audio };
  if (offered.video === undefined) {
    throw new ZonebridgeError('invalid-argument', 'the offer has no video section to answer');
  }
  return { audio, video: answerVideo(offered.video, local.video) };
}

/** What of a section of ours may stand in an answer to the offered one. */
function answerSection<T extends CommonDescription>(offered: CommonDescription, ours: T): T {
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
  return withMid(offered.mid, {
    ...ours,
    direction: answerDirection(offered.direction, ours.direction),
    rtcpMux: ours.rtcpMux && offered.rtcpMux,
    headerExtensions: commonExtensions(ours.headerExtensions, offered.headerExtensions),
  });
}

/** Who names a section names it for the whole session (RFC 9143 §7.5). */
export function withMid<T extends CommonDescription>(mid: string | undefined, ours: T): T {
  const named: T & { mid?: string } = { ...ours };
  delete named.mid;
  if (mid !== undefined) named.mid = mid;
  return named;
}

function answerVideo(offered: VideoDescription, ours: VideoDescription): VideoDescription {
  const codecs = ours.codecs.flatMap((codec) => answerCodec(offered.codecs, codec));
  if (codecs.length === 0) {
    throw new ZonebridgeError('invalid-argument', 'the offer has no video codec that was chosen');
  }
  const answer: { -readonly [K in keyof VideoDescription]: VideoDescription[K] } = {
    ...answerSection(offered, ours),
    codecs,
  };
  const rids = ours.rids?.filter((rid) => offered.rids?.includes(rid)) ?? [];
  delete answer.rids;
  if (rids.length > 0) answer.rids = rids;
  if (codecs.every(({ rtxPayloadType }) => rtxPayloadType === undefined)) delete answer.rtxSsrc;
  return answer;
}

/** With the numbers of the offer (RFC 3264 §6.1), and of feedback and retransmissions what both sides know. */
function answerCodec(offered: readonly VideoCodec[], ours: VideoCodec): VideoCodec[] {
  const { name, payloadType, rtxPayloadType, feedback } = ours;
  const theirs = offered.find((codec) => codec.name === name && codec.payloadType === payloadType);
  if (theirs === undefined) return [];
  const rtx = rtxPayloadType !== undefined && rtxPayloadType === theirs.rtxPayloadType;
  return [
    {
      name,
      payloadType,
      parameters: name === 'H264' ? answerH264(ours.parameters, theirs.parameters) : ours.parameters,
      feedback: feedback.filter((type) => theirs.feedback.includes(type)),
      ...(rtx ? { rtxPayloadType } : {}),
    },
  ];
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
