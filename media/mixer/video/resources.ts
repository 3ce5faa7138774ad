import type { OutgoingPackets } from '../rtp/outgoing.ts';
import { OverlayCache } from './drawing/index.ts';
import { canvasHeight, canvasWidth, pictureBytes } from './pictureSizes.ts';
import { RecentLatency } from './RecentLatency.ts';
import { PacketizedFrame } from './rtp/PacketizedFrame.ts';

/** What all conferences of a thread use in turn. */
export interface VideoResources {
  readonly out: OutgoingPackets;
  /** The clock that arrivals and ticks are told on. */
  readonly clockMs: () => number;
  /** The wall clock at a moment of that clock; it does not jump, whatever the system's does. */
  readonly wallMs: (monotonicMs: number) => number;
  /** After each encode: takes what has arrived meanwhile, before the system has no more room for it. */
  readonly drain: () => void;
  /** One encoded frame, until it is in packets. */
  readonly encoded: Uint8Array;
  readonly packetized: PacketizedFrame;
  /** Spent since the start. */
  readonly stageMs: Record<'decode' | 'compose' | 'scale' | 'encode' | 'rtp', number>;
  /** Views drawn and encoded since the start. */
  framesComposed: number;
  readonly latency: RecentLatency;
  readonly overlays: OverlayCache;
}

export function createResources(
  given: Pick<VideoResources, 'out' | 'clockMs' | 'wallMs' | 'drain'>,
): VideoResources {
  return {
    ...given,
    overlays: new OverlayCache(),
    encoded: new Uint8Array(pictureBytes(canvasWidth, canvasHeight)),
    packetized: new PacketizedFrame(),
    stageMs: { decode: 0, compose: 0, scale: 0, encode: 0, rtp: 0 },
    framesComposed: 0,
    latency: new RecentLatency(),
  };
}
