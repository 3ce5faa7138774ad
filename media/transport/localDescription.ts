import type {
  AudioCodec,
  AudioDescription,
  HeaderExtensions,
  MediaDirection,
  TelephoneEvent,
  TransportDescription,
} from '#kernel/index.ts';
import type { LegStreams } from './LegStreams.ts';
import { localCodec } from './payloadProfile.ts';

/** Our packets carry 20 ms, and we want the same. */
const ptimeMs = 20;

export interface LocalDescriptionParts {
  readonly transport: TransportDescription;
  readonly streams: LegStreams;
  readonly codecs: readonly AudioCodec[];
  readonly telephoneEvent: TelephoneEvent | undefined;
  readonly direction: MediaDirection;
  readonly mid: string | undefined;
  readonly headerExtensions: HeaderExtensions;
}

export function localDescription(parts: LocalDescriptionParts): AudioDescription {
  const { transport, streams, codecs, telephoneEvent, direction, mid, headerExtensions } = parts;
  const { sendingSsrc, cname } = streams;
  return {
    ...transport,
    ...(mid === undefined ? {} : { mid }),
    direction,
    codecs: codecs.map(localCodec),
    ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
    ...(sendingSsrc === undefined ? {} : { ssrc: sendingSsrc }),
    ...(cname === undefined ? {} : { cname }),
    headerExtensions,
    ptimeMs,
  };
}
