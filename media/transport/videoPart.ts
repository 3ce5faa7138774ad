import type { Closable, SessionDescription, Stage, VideoCodecName } from '#kernel/index.ts';
import type { VideoLegStats } from '../contract.ts';
import type { MixerVideoLeg, VideoInbound } from '../mixer/contract.ts';

export type VideoSections = Pick<SessionDescription, 'video' | 'screen' | 'alternate'>;

/** A leg's video, whichever way it travels. All that changes it runs on the conference's queue. */
export interface VideoPart extends Closable {
  readonly codec: VideoCodecName;
  /** As they arrive at the mixer; undefined while they do not. */
  readonly camera: VideoInbound | undefined;
  readonly screen: VideoInbound | undefined;
  /** The leg's own stream, where it has one. */
  readonly outbound: MixerVideoLeg['outbound'];
  describe(): VideoSections;
  /** How large the mixer needs the source, pixels of height; 0 for not at all. */
  want(source: 'camera' | 'screen', height: number): Promise<void>;
  /** True: it is outside of the room. What phones see is the mixer's doing. */
  setHeld(held: boolean): Promise<void>;
  showStage(legId: string, stage: Stage): Promise<void>;
  /** The mixer was replaced and its own streams begin anew somewhere else. */
  resume(): Promise<void>;
  /** Fraction of our packets that the far end last reported as lost; undefined when it reported nothing. */
  reportedLoss(): Promise<number | undefined>;
  stats(): Promise<VideoLegStats>;
}
