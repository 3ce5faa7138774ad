import type {
  AudioCodecName,
  AudioDescription,
  HeaderExtensions,
  Log,
  MediaDirection,
  VideoCodec,
} from '#kernel/index.ts';
import type { LegOptions, ZoneVideoOptions } from '../contract.ts';
import type { Mixer } from '../mixer/contract.ts';
import type { EndpointContext } from './endpoint/createEndpoint.ts';
import type { LegEndpoint } from './endpoint/contract.ts';
import type { Inbound, LegStreams } from './LegStreams.ts';
import {
  answerDirection,
  endpointKindOf,
  firstCodec,
  negotiate,
  type EndpointKind,
  type Negotiated,
} from './negotiation.ts';
import { bundledProfile, ownProfile, type PayloadProfile } from './payloadProfile.ts';
import type { ProfileRouter } from './ProfileRouter.ts';

/** What a leg needs of its conference. */
export interface LegContext extends EndpointContext {
  /** The mixer's name for the conference. */
  readonly conferenceId: string;
  readonly mixer: Mixer;
  readonly audioCodecs: readonly AudioCodecName[];
  /** Absent: calls are audio only. */
  readonly video: Pick<ZoneVideoOptions, 'codecs' | 'maxBitrate'> | undefined;
  readonly log: Log;
  router(profile: PayloadProfile): Promise<ProfileRouter>;
  /** One after the other, for the whole conference. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** The far end must be given a new offer. */
  reoffer(legId: string): void;
  /** The far end must be asked for a key frame by signaling. */
  keyFrameWanted(legId: string): void;
}

/** What a leg's voice travels by. */
export interface LegParts {
  readonly endpoint: LegEndpoint;
  readonly streams: LegStreams;
}

/** What offer and answer have settled. */
export interface LegState extends Negotiated {
  readonly kind: EndpointKind;
  readonly direction: MediaDirection;
  /** Set when we offer to a browser: it names its stream by MID and uses our header extensions. */
  readonly mid: string | undefined;
  /** The far end's last description; absent until it has answered our first offer. */
  readonly remote: AudioDescription | undefined;
}

/** MID of the audio section that we offer to browsers; those of video are in BrowserVideo. */
const ownMid = '0';

/** Throws `not-acceptable`. */
export function answeringState(
  offer: AudioDescription,
  { allowPlainRtp }: LegOptions,
  wanted: readonly AudioCodecName[],
): LegState {
  return {
    ...negotiate(offer, wanted),
    kind: endpointKindOf(offer, allowPlainRtp),
    direction: answerDirection(offer.direction),
    mid: undefined,
    remote: offer,
  };
}

export function offeringState(
  far: 'browser' | 'phone',
  wanted: readonly AudioCodecName[],
  video: readonly VideoCodec[],
): LegState {
  const audio = ownProfile(wanted);
  const profile = far === 'browser' && video.length > 0 ? bundledProfile(audio, video) : audio;
  return {
    profile,
    codec: firstCodec(profile, wanted),
    telephoneEvent: profile.telephoneEvent,
    kind: far === 'browser' ? 'ice' : 'rtp',
    direction: 'sendrecv',
    mid: far === 'browser' ? ownMid : undefined,
    remote: undefined,
  };
}

export function payloadTypesOf({ codec, telephoneEvent }: Negotiated): number[] {
  return telephoneEvent === undefined ? [codec.payloadType] : [codec.payloadType, telephoneEvent.payloadType];
}

/**
 * What to receive: a stream that is announced anew, else the one that was learned: what a phone announces is not always true, and
 * it says the same again with each hold and resume.
 */
export function inboundOf(
  { mid, remote, telephoneEvent }: LegState,
  current?: Inbound,
  before?: AudioDescription,
): Inbound | undefined {
  if (remote === undefined) return current;
  const extensions: HeaderExtensions = mid === undefined ? {} : remote.headerExtensions;
  const announced = remote.ssrc === before?.ssrc ? undefined : remote.ssrc;
  const ssrc = announced ?? current?.ssrc ?? remote.ssrc;
  const named = ssrc !== undefined || (mid !== undefined && extensions.mid !== undefined);
  return named ? { ssrc, extensions, telephoneEvent } : undefined;
}

/** A stream that nobody announced. */
export function learnedInbound({ mid, remote, telephoneEvent }: LegState, ssrc: number): Inbound {
  return { ssrc, extensions: mid === undefined ? {} : (remote?.headerExtensions ?? {}), telephoneEvent };
}

export function isSameInbound(one: Inbound, other: Inbound | undefined): boolean {
  const event = one.telephoneEvent?.payloadType;
  return other !== undefined && one.ssrc === other.ssrc && event === other.telephoneEvent?.payloadType;
}
