import type { types } from 'mediasoup';
import type {
  AudioCodec,
  AudioCodecName,
  AudioDescription,
  TelephoneEvent,
  VideoCodec,
} from '#kernel/index.ts';
import { routerVideoCodec, videoKey } from './videoCodecs.ts';

/**
 * The numbers that a group of legs agrees on. A consumer sends with its router's payload types, so legs share a
 * router exactly when they share a profile.
 */
export interface PayloadProfile {
  readonly key: string;
  readonly codecs: readonly AudioCodec[];
  readonly telephoneEvent?: TelephoneEvent;
  /** Of far ends that have audio and video on one transport; those of a phone have a profile each. */
  readonly videoCodecs: readonly VideoCodec[];
}

/** Our own numbers, for offers that we make: static ones of RFC 3551 and what browsers use for the others. */
const ownPayloadTypes = { opus: 111, G722: 9, PCMA: 8, PCMU: 0 } as const satisfies Record<
  AudioCodecName,
  number
>;
const ownTelephoneEventPayloadType = 101;

/** What our decoder wants to hear (RFC 7587 §6.1): one channel, in-band FEC. */
const opusParameters = { minptime: '10', useinbandfec: '1', usedtx: '1' } as const;

/** What the offer has of what we want, in our order of preference. */
export function profileOf(
  { codecs, telephoneEvent }: Pick<AudioDescription, 'codecs' | 'telephoneEvent'>,
  wanted: readonly AudioCodecName[],
): PayloadProfile {
  const ours = wanted.flatMap((name) => codecs.filter((codec) => codec.name === name).slice(0, 1));
  const numbers = ours.map(({ name, payloadType }) => `${name}:${payloadType}`).sort();
  if (telephoneEvent !== undefined) numbers.push(`event:${telephoneEvent.payloadType}`);
  return {
    key: numbers.join(' '),
    codecs: ours,
    videoCodecs: [],
    ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
  };
}

/** The profile of our own offers. */
export function ownProfile(wanted: readonly AudioCodecName[]): PayloadProfile {
  const codecs = wanted.map((name): AudioCodec => {
    const opus = name === 'opus';
    return {
      name,
      payloadType: ownPayloadTypes[name],
      clockRateHz: opus ? 48_000 : 8000,
      channels: opus ? 2 : 1,
      parameters: {},
    };
  });
  return profileOf(
    { codecs, telephoneEvent: { payloadType: ownTelephoneEventPayloadType, clockRateHz: 8000 } },
    wanted,
  );
}

/** Audio and video on one transport. */
export function bundledProfile(audio: PayloadProfile, videoCodecs: readonly VideoCodec[]): PayloadProfile {
  return { ...audio, key: `${audio.key} ${videoCodecs.map(videoKey).join(' ')}`, videoCodecs };
}

/** Video on a transport of its own. */
export function videoProfile(videoCodecs: readonly VideoCodec[]): PayloadProfile {
  return { key: videoCodecs.map(videoKey).join(' '), codecs: [], videoCodecs };
}

/** The codec as our own description writes it. */
export function localCodec(codec: AudioCodec): AudioCodec {
  return { ...codec, parameters: codec.name === 'opus' ? opusParameters : {} };
}

export function routerCodecs(profile: PayloadProfile): types.RouterRtpCodecCapability[] {
  return [...routerAudioCodecs(profile), ...profile.videoCodecs.map(routerVideoCodec)];
}

function routerAudioCodecs({ codecs, telephoneEvent }: PayloadProfile): types.RouterRtpCodecCapability[] {
  const voices = codecs.map((codec): types.RouterRtpCodecCapability => ({
    kind: 'audio',
    mimeType: `audio/${codec.name}`,
    clockRate: codec.clockRateHz,
    channels: codec.channels,
    preferredPayloadType: codec.payloadType,
  }));
  if (telephoneEvent === undefined) return voices;
  const { mimeType, clockRate, channels } = eventDisguise;
  return [
    ...voices,
    { kind: 'audio', mimeType, clockRate, channels, preferredPayloadType: telephoneEvent.payloadType },
  ];
}

/** Codec parameters of a leg's stream: the voice first, then its telephone-events. */
export function streamCodecs(
  codec: AudioCodec,
  telephoneEvent: TelephoneEvent | undefined,
): types.RtpCodecParameters[] {
  const voice = {
    mimeType: `audio/${codec.name}`,
    payloadType: codec.payloadType,
    clockRate: codec.clockRateHz,
    channels: codec.channels,
    rtcpFeedback: [{ type: 'transport-cc' }],
  };
  if (telephoneEvent === undefined) return [voice];
  return [voice, { ...eventDisguise, payloadType: telephoneEvent.payloadType }];
}

/**
 * mediasoup's consumers drop telephone-event because it is no media codec to them. Declared as a codec that nobody
 * uses and that has the same clock, the events pass.
 */
const eventDisguise = { mimeType: 'audio/iLBC', clockRate: 8000, channels: 1 } as const;
