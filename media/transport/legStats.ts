import type { LegStats, VideoLegStats } from '../contract.ts';
import type { LegStreams } from './LegStreams.ts';

export async function legStats(
  known: Pick<LegStats, 'codec' | 'srtp' | 'contributors'>,
  streams: LegStreams,
  video: VideoLegStats | undefined,
): Promise<LegStats> {
  const [received, sent] = await Promise.all([streams.receivedStats(), streams.sentStats()]);
  return {
    ...known,
    packetsReceived: received?.packetCount ?? 0,
    packetsLost: received?.packetsLost ?? 0,
    packetsSent: sent?.packetCount ?? 0,
    ...(sent?.roundTripTime === undefined ? {} : { roundTripMs: sent.roundTripTime }),
    ...(video === undefined ? {} : { video }),
  };
}
