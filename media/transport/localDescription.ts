import type { AudioDescription, TransportDescription } from '#kernel/index.ts';
import type { LegState } from './legState.ts';
import type { LegStreams } from './LegStreams.ts';
import { localCodec } from './payloadProfile.ts';

/** Our packets carry 20 ms, and we want the same. */
const ptimeMs = 20;

/** `offering`: it is an offer, not an answer. */
export function localDescription(
  transport: TransportDescription,
  { sendingSsrc, cname, offeredExtensions }: LegStreams,
  { codec, profile, telephoneEvent, direction, mid: ownMid, remote, kind }: LegState,
  offering: boolean,
): AudioDescription {
  // Browsers get Opus when the zone has it; phones choose among all that we speak.
  const offered = kind === 'ice' ? [codec] : profile.codecs;
  const codecs = offering && remote === undefined ? offered : [codec];
  const mid = ownMid ?? remote?.mid;
  return {
    ...transport,
    ...(mid === undefined ? {} : { mid }),
    direction,
    codecs: codecs.map(localCodec),
    ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
    ...(sendingSsrc === undefined ? {} : { ssrc: sendingSsrc }),
    ...(cname === undefined ? {} : { cname }),
    headerExtensions: offeredExtensions,
    ptimeMs,
  };
}
