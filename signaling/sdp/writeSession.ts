import { write, type MediaDescription, type SessionDescription } from 'sdp-transform';
import { ZonebridgeError, type AudioDescription } from '#kernel/index.ts';
import { fmtpOf, rtpmapOf } from './codecs.ts';
import { connectionOf, unknownAddress } from './connection.ts';
import type { LocalOrigin, RemoteSection } from './contract.ts';
import { extensionAttributes } from './headerExtensions.ts';
import { candidateAttribute } from './ice.ts';

/** The events that a keypad has, RFC 4733 §3.2. */
const keypadEvents = '0-15';

/** Session level: constants but for the address of the media (RFC 8829 §5.2.1 for 0.0.0.0 in o=). */
export function sessionLevel(
  { sessionId, sessionVersion }: LocalOrigin,
  audio: AudioDescription | null,
  bundle: readonly string[],
): Omit<SessionDescription, 'media'> {
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
  const { codecs, telephoneEvent, port, mid, direction, ptimeMs, headerExtensions } = audio;
  if (codecs.length === 0)
    throw new ZonebridgeError('invalid-argument', 'an audio description needs a codec');
  const payloadTypes = codecs.map(({ payloadType }) => payloadType);
  if (telephoneEvent !== undefined) payloadTypes.push(telephoneEvent.payloadType);
  return {
    type: 'audio',
    port,
    protocol,
    payloads: payloadTypes.join(' '),
    ...(mid === undefined ? {} : { mid }),
    direction,
    ...formatAttributes(audio),
    ...(ptimeMs === undefined ? {} : { ptime: ptimeMs }),
    ext: extensionAttributes(headerExtensions),
    ...rtcpAttributes(audio),
    ...securityAttributes(audio),
    ...iceAttributes(audio),
    ...sourceAttributes(audio),
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

export function writeText(
  session: Omit<SessionDescription, 'media'>,
  media: readonly MediaDescription[],
): string {
  return write({ ...session, media: [...media] });
}

function formatAttributes({
  codecs,
  telephoneEvent,
}: AudioDescription): Pick<MediaDescription, 'rtp' | 'fmtp'> {
  const rtp = codecs.map((codec) => {
    const [name = '', rate, encoding] = rtpmapOf(codec).split('/');
    return {
      payload: codec.payloadType,
      codec: name,
      rate: Number(rate),
      ...(encoding === undefined ? {} : { encoding: Number(encoding) }),
    };
  });
  const fmtp = codecs.flatMap((codec) => {
    const config = fmtpOf(codec);
    return config === undefined ? [] : [{ payload: codec.payloadType, config }];
  });
  if (telephoneEvent !== undefined) {
    const { payloadType: payload, clockRateHz: rate } = telephoneEvent;
    rtp.push({ payload, codec: 'telephone-event', rate });
    fmtp.push({ payload, config: keypadEvents });
  }
  return { rtp, fmtp };
}

function rtcpAttributes({ rtcpMux, rtcpPort }: AudioDescription): Pick<MediaDescription, 'rtcp' | 'rtcpMux'> {
  if (rtcpMux) return { rtcpMux: 'rtcp-mux' };
  return rtcpPort === undefined ? {} : { rtcp: { port: rtcpPort } };
}

function securityAttributes({ security }: AudioDescription): Partial<MediaDescription> {
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

function iceAttributes({ ice }: AudioDescription): Partial<MediaDescription> {
  if (ice === undefined) return {};
  return {
    iceUfrag: ice.usernameFragment,
    icePwd: ice.password,
    candidates: ice.candidates.map(candidateAttribute),
    endOfCandidates: 'end-of-candidates',
  };
}

function sourceAttributes({ ssrc, cname }: AudioDescription): Partial<MediaDescription> {
  if (ssrc === undefined || cname === undefined) return {};
  return { ssrcs: [{ id: ssrc, attribute: 'cname', value: cname }] };
}
