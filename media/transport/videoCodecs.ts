import {
  Level,
  parseProfileLevelId,
  parseSdpProfileLevelId,
  ProfileLevelId,
  profileLevelIdToString,
} from 'h264-profile-level-id';
import type { types } from 'mediasoup';
import {
  videoFeedbacks,
  type VideoCodec,
  type VideoCodecName,
  type VideoDescription,
  type VideoFeedback,
} from '#kernel/index.ts';
import { rungHeights, type RungHeight } from '../mixer/contract.ts';

/** Our own numbers, for offers that we make; what browsers use themselves. */
const ownPayloadTypes = { VP8: 96, H264: 98 } as const satisfies Record<VideoCodecName, number>;

/** What we can receive of H.264: constrained baseline of 1280x720 at 30, whatever the level says (RFC 6184 §8.1). */
const ownH264 = {
  'level-asymmetry-allowed': '1',
  'packetization-mode': '1',
  'profile-level-id': '42e01f',
  'max-fs': '3600',
  'max-mbps': '108000',
};
const ownLevel: Level = Level.L3_1;

/** Macroblocks of a picture of this height, and the least level of H.264 for it at 30 frames a second (H.264 table A-1). */
const h264Needs: Readonly<Record<RungHeight, { readonly level: Level; readonly macroblocks: number }>> = {
  180: { level: Level.L1_3, macroblocks: 240 },
  360: { level: Level.L3, macroblocks: 920 },
  720: { level: Level.L3_1, macroblocks: 3600 },
};
/** The least bandwidth that a picture of this height is any good in, as part of that of the largest. */
const neededBandwidth: Readonly<Record<RungHeight, number>> = { 180: 0, 360: 0.3, 720: 0.8 };

/** The codecs of our own offers. */
export function ownVideoCodecs(wanted: readonly VideoCodecName[]): VideoCodec[] {
  return wanted.map((name) => ({
    name,
    payloadType: ownPayloadTypes[name],
    parameters: name === 'H264' ? ownH264 : {},
    feedback: videoFeedbacks,
  }));
}

/** What an answer to this offer uses: of the codecs that the zone wants the one that the offerer likes best. */
export function chooseVideoCodec(
  { codecs }: VideoDescription,
  wanted: readonly VideoCodecName[],
): VideoCodec | undefined {
  return codecs.find(({ name }) => wanted.includes(name));
}

/** The codec as our own description writes it; `feedback` and retransmissions are left to the stream. */
export function localVideoCodec(codec: VideoCodec): VideoCodec {
  if (codec.name !== 'H264') return { ...codec, parameters: {} };
  const mode = codec.parameters['packetization-mode'] ?? '0';
  const parameters = {
    ...ownH264,
    'packetization-mode': mode,
    'profile-level-id': answeredLevel(codec.parameters),
  };
  return { ...codec, parameters };
}

/** RFC 6184 §8.2.2: the profile is the offer's; the level is ours where both sides may differ, else the lower one. */
function answeredLevel(offered: VideoCodec['parameters']): string {
  const profile = offered['profile-level-id'] ?? ownH264['profile-level-id'];
  const parsed = parseProfileLevelId(profile);
  const asymmetric = offered['level-asymmetry-allowed'] === '1';
  if (parsed === undefined) return profile;
  const level = asymmetric || parsed.level > ownLevel ? ownLevel : parsed.level;
  return profileLevelIdToString(new ProfileLevelId(parsed.profile, level)) ?? profile;
}

/** The largest picture that the writer of this description can take. */
export function maxHeightOf(
  codec: VideoCodec,
  maxBitrate: number | undefined,
  fullBitrate: number,
): RungHeight {
  const fits = (height: RungHeight): boolean =>
    (codec.name !== 'H264' || decodes(codec.parameters, height)) &&
    (maxBitrate === undefined || maxBitrate >= fullBitrate * neededBandwidth[height]);
  return rungHeights.findLast(fits) ?? rungHeights[0];
}

/** By its level, or by what it says beyond that: room systems often offer a low one with `max-fs` and `max-mbps` (RFC 6184 §8.1). */
function decodes(parameters: VideoCodec['parameters'], height: RungHeight): boolean {
  const { level, macroblocks } = h264Needs[height];
  const said = parseSdpProfileLevelId(parameters)?.level;
  if (said === undefined || said >= level) return true;
  const { 'max-fs': frameSize = 0, 'max-mbps': perSecond = 0 } = parameters;
  return Number(frameSize) >= macroblocks && Number(perSecond) >= macroblocks * 30;
}

export function videoKey({ name, payloadType, parameters }: VideoCodec): string {
  const { 'profile-level-id': profile = '', 'packetization-mode': mode = '0' } = parameters;
  return name === 'H264' ? `H264:${payloadType}:${profile}:${mode}` : `${name}:${payloadType}`;
}

export function routerVideoCodec(codec: VideoCodec): types.RouterRtpCodecCapability {
  return {
    kind: 'video',
    mimeType: `video/${codec.name}`,
    clockRate: 90_000,
    preferredPayloadType: codec.payloadType,
    parameters: streamParameters(codec),
  };
}

/** Of a stream in a router that was made for this codec; with retransmissions when they have a number. */
export function videoStreamCodecs(
  codec: VideoCodec,
  feedback: readonly VideoFeedback[],
  rtxPayloadType?: number,
): types.RtpCodecParameters[] {
  const { payloadType } = codec;
  const main = {
    mimeType: `video/${codec.name}`,
    payloadType,
    clockRate: 90_000,
    parameters: streamParameters(codec),
    rtcpFeedback: feedback.map(feedbackOf),
  };
  if (rtxPayloadType === undefined) return [main];
  const rtx = {
    mimeType: 'video/rtx',
    payloadType: rtxPayloadType,
    clockRate: 90_000,
    parameters: { apt: payloadType },
    rtcpFeedback: [],
  };
  return [main, rtx];
}

/** What a consumer of this codec can take. */
export function videoCapabilities(
  codec: VideoCodec,
  feedback: readonly VideoFeedback[],
): types.RtpCodecCapability[] {
  return videoStreamCodecs(codec, feedback).map(({ payloadType, ...rest }) => ({
    ...rest,
    kind: 'video',
    preferredPayloadType: payloadType,
  }));
}

/** What a browser can take: all that the router has of this codec, retransmissions included. */
export function browserCapabilities(router: types.Router, { name }: VideoCodec): types.RtpCodecCapability[] {
  const codecs = router.rtpCapabilities.codecs ?? [];
  const main = codecs.find(({ mimeType }) => mimeType.toLowerCase() === `video/${name}`.toLowerCase());
  const rtx = codecs.find(({ parameters }) => parameters?.apt === main?.preferredPayloadType);
  return [main, rtx].filter((codec) => codec !== undefined);
}

function streamParameters({ name, parameters }: VideoCodec): Record<string, string | number> {
  if (name !== 'H264') return {};
  return {
    'packetization-mode': Number(parameters['packetization-mode'] ?? 0),
    'profile-level-id': parameters['profile-level-id'] ?? ownH264['profile-level-id'],
    'level-asymmetry-allowed': 1,
  };
}

function feedbackOf(feedback: VideoFeedback): types.RtcpFeedback {
  const [type = '', parameter] = feedback.split(' ');
  return parameter === undefined ? { type } : { type, parameter };
}
