import { write, type MediaDescription, type SessionDescription as SessionText } from 'sdp-transform';
import { ZonebridgeError, type AudioDescription, type VideoDescription } from '#kernel/index.ts';
import { audioFormatAttributes } from './audioCodecs.ts';
import { connectionOf, unknownAddress } from './connection.ts';
import type { CommonDescription, LocalOrigin, RemoteSection } from './contract.ts';
import { extensionAttributes } from './headerExtensions.ts';
import { candidateAttribute } from './ice.ts';
import { videoFormatAttributes } from './videoCodecs.ts';

type SessionLevel = Omit<SessionText, 'media'>;

/** Session level: constants but for the address of the media (RFC 8829 §5.2.1 for 0.0.0.0 in o=). */
export function sessionLevel(
  { sessionId, sessionVersion }: LocalOrigin,
  audio: AudioDescription | null,
  bundle: readonly string[],
): SessionLevel {
  return {
    version: 0,
    origin: { username: '-', sessionId, sessionVersion, netType: 'IN', ipVer: 4, address: unknownAddress },
    name: '-',
    connection: connectionOf(audio?.address ?? unknownAddress),
    timing: { start: 0, stop: 0 },
    ...(audio?.ice?.lite === true ? { icelite: 'ice-lite' } : {}),
    ...(bundle.length === 0 ? {} : { groups: [{ type: 'BUNDLE', mids: bundle.join(' ') }] }),
  };
}

/** One audio section as `audio` describes it. */
export function audioSection(audio: AudioDescription, protocol: string): MediaDescription {
  requireCodec(audio);
  const { ptimeMs } = audio;
  return {
    type: 'audio',
    protocol,
    ...audioFormatAttributes(audio),
    ...(ptimeMs === undefined ? {} : { ptime: ptimeMs }),
    ...commonAttributes(audio),
    ...sourceAttributes(audio, []),
  };
}

/** One video section as `video` describes it; of simulcast, what we take. */
export function videoSection(video: VideoDescription, protocol: string): MediaDescription {
  requireCodec(video);
  const { rids = [], maxBitrate, content, rtxSsrc } = video;
  const simulcast = { dir1: 'recv', list1: rids.join(';') } as const;
  return {
    type: 'video',
    protocol,
    ...(maxBitrate === undefined ? {} : { bandwidth: [{ type: 'TIAS', limit: maxBitrate }] }),
    ...videoFormatAttributes(video),
    ...commonAttributes(video),
    ...(rids.length === 0 ? {} : { rids: rids.map((id) => ({ id, direction: 'recv' })), simulcast }),
    ...sourceAttributes(video, rtxSsrc === undefined ? [] : [rtxSsrc]),
    ...(content === undefined ? {} : { content }),
  };
}

/** RFC 3264 §6: port 0, the same transport, at least one format. */
export function refusedSection({ kind, protocol, formats, mid }: RemoteSection): MediaDescription {
  return {
    type: kind,
    port: 0,
    protocol,
    payloads: formats,
    ...(mid === undefined ? {} : { mid }),
    rtp: [],
    fmtp: [],
  };
}

/** Sections have a c= line of their own only where they are at another address than the session (RFC 8866 §5.7). */
export function writeText(session: SessionLevel, media: readonly MediaDescription[]): string {
  const sections = media.map((section) => {
    const { connection, ...rest } = section;
    return connection === undefined || connection.ip === session.connection?.ip ? rest : section;
  });
  return write({ ...session, media: sections });
}

function requireCodec({ codecs }: AudioDescription | VideoDescription): void {
  if (codecs.length === 0) throw new ZonebridgeError('invalid-argument', 'a description needs a codec');
}

function commonAttributes(common: CommonDescription) {
  const { address, port, mid, direction, headerExtensions } = common;
  return {
    port,
    connection: connectionOf(address),
    ...(mid === undefined ? {} : { mid }),
    direction,
    ext: extensionAttributes(headerExtensions),
    ...rtcpAttributes(common),
    ...securityAttributes(common),
    ...iceAttributes(common),
  };
}

function rtcpAttributes({
  rtcpMux,
  rtcpPort,
}: CommonDescription): Pick<MediaDescription, 'rtcp' | 'rtcpMux'> {
  if (rtcpMux) return { rtcpMux: 'rtcp-mux' };
  return rtcpPort === undefined ? {} : { rtcp: { port: rtcpPort } };
}

function securityAttributes({ security }: CommonDescription): Partial<MediaDescription> {
  if (security.kind === 'none') return {};
  if (security.kind === 'sdes') {
    const crypto = security.keys.map(({ tag, suite, key }) => ({ id: tag, suite, config: `inline:${key}` }));
    return { crypto };
  }
  // The library writes one a=fingerprint only; RFC 8122 §5 allows one of each hash.
  const lines = security.fingerprints.map(({ algorithm, value }) => ({
    value: `fingerprint:${algorithm} ${value}`,
  }));
  return { setup: security.setup, invalid: lines };
}

function iceAttributes({ ice }: CommonDescription): Partial<MediaDescription> {
  if (ice === undefined) return {};
  return {
    iceUfrag: ice.usernameFragment,
    icePwd: ice.password,
    candidates: ice.candidates.map(candidateAttribute),
    endOfCandidates: 'end-of-candidates',
  };
}

/** RFC 5576: our source, and the one that repeats it (`FID`). */
function sourceAttributes(
  { ssrc, cname }: CommonDescription,
  repeating: readonly number[],
): Partial<MediaDescription> {
  if (ssrc === undefined || cname === undefined) return {};
  const ids = [ssrc, ...repeating];
  return {
    ssrcs: ids.map((id) => ({ id, attribute: 'cname', value: cname })),
    ...(ids.length === 1 ? {} : { ssrcGroups: [{ semantics: 'FID', ssrcs: ids.join(' ') }] }),
  };
}
