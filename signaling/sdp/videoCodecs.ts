import type { MediaDescription } from 'sdp-transform';
import {
  videoCodecNames,
  videoFeedbacks,
  type VideoCodec,
  type VideoDescription,
  type VideoFeedback,
} from '#kernel/index.ts';
import { fmtpAttributes, readMappings, readParameters, sameName, type Mapping } from './formats.ts';
import { isNonInterleaved, isUsableH264 } from './h264.ts';
import { attributeValues, type MediaSection } from './sections.ts';

/** Of every video codec (RFC 6184 §8.1, RFC 7741 §6.1). */
const clockRateHz = 90_000;

type VideoFormats = Pick<VideoDescription, 'codecs'>;

/**
 * The codecs that we know, in the writer's order; undefined when there is none. Of H.264, packetization mode 1 goes before
 * mode 0.
 */
export function readVideoFormats(section: MediaSection): VideoFormats | undefined {
  const mappings = readMappings(section).filter(
    (mapping) => mapping.clockRateHz === clockRateHz && mapping.channels === 1,
  );
  const feedback = readFeedback(section);
  const retransmissions = readRetransmissions(section, mappings);
  const codecs = mappings.flatMap(({ name, payloadType }): VideoCodec[] => {
    const known = videoCodecNames.find((codec) => sameName(codec, name));
    if (known === undefined) return [];
    const parameters = readParameters(section, payloadType);
    if (known === 'H264' && !isUsableH264(section.where, parameters)) return [];
    const rtxPayloadType = retransmissions.get(payloadType);
    return [
      {
        name: known,
        payloadType,
        parameters,
        feedback: feedback(payloadType),
        ...(rtxPayloadType === undefined ? {} : { rtxPayloadType }),
      },
    ];
  });
  return codecs.length === 0 ? undefined : { codecs: preferNonInterleaved(codecs) };
}

export function videoFormatAttributes({
  codecs,
}: VideoFormats): Pick<MediaDescription, 'payloads' | 'rtp' | 'fmtp' | 'rtcpFb'> {
  const retransmitted = codecs.flatMap(({ payloadType, rtxPayloadType }) =>
    rtxPayloadType === undefined
      ? []
      : [{ payloadType: rtxPayloadType, parameters: { apt: String(payloadType) } }],
  );
  const rtp = [
    ...codecs.map(({ name, payloadType }) => ({ payload: payloadType, codec: name, rate: clockRateHz })),
    ...retransmitted.map(({ payloadType }) => ({ payload: payloadType, codec: 'rtx', rate: clockRateHz })),
  ];
  const rtcpFb = codecs.flatMap(({ payloadType, feedback }) =>
    feedback.map((type) => ({ payload: payloadType, type })),
  );
  return {
    payloads: rtp.map(({ payload }) => payload).join(' '),
    rtp,
    fmtp: fmtpAttributes([...codecs, ...retransmitted]),
    ...(rtcpFb.length === 0 ? {} : { rtcpFb }),
  };
}

/** RFC 4585 §4.2: `*` is every format. */
function readFeedback(section: MediaSection): (payloadType: number) => VideoFeedback[] {
  const written = new Set(attributeValues(section, 'rtcp-fb').map((value) => value.replace(/ +/g, ' ')));
  return (payloadType) =>
    videoFeedbacks.filter((type) => written.has(`${payloadType} ${type}`) || written.has(`* ${type}`));
}

/** RFC 4588 §8.1: by the payload type that is sent again. */
function readRetransmissions(section: MediaSection, mappings: readonly Mapping[]): Map<number, number> {
  const retransmissions = new Map<number, number>();
  for (const { name, payloadType } of mappings) {
    const apt = sameName(name, 'rtx') ? readParameters(section, payloadType).apt : undefined;
    if (apt !== undefined && !retransmissions.has(Number(apt))) {
      retransmissions.set(Number(apt), payloadType);
    }
  }
  return retransmissions;
}

/** Moves formats of H.264 among their own places only. */
function preferNonInterleaved(codecs: readonly VideoCodec[]): VideoCodec[] {
  const h264 = codecs.filter(({ name }) => name === 'H264');
  const ordered = [
    ...h264.filter(({ parameters }) => isNonInterleaved(parameters)),
    ...h264.filter(({ parameters }) => !isNonInterleaved(parameters)),
  ][Symbol.iterator]();
  return codecs.map((codec) => (codec.name === 'H264' ? (ordered.next().value ?? codec) : codec));
}
