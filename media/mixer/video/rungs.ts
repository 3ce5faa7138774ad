import { rungHeights, type RungHeight } from '../contract.ts';

/** Of the largest picture's bitrate. */
const shares: Readonly<Record<RungHeight, number>> = { 180: 0.12, 360: 0.4, 720: 1 };
/** A phone that may get a little less than a rung has, brings the rung down for all; one that may get less still, goes to the next. */
const leastShare = 0.75;
const leastBitrate = 40_000;

export function rungBitrate(height: RungHeight, maxBitrate: number): number {
  return Math.max(leastBitrate, Math.round(maxBitrate * shares[height]));
}

/** The largest rung that a phone may get. */
export function rungFor(
  phone: { readonly maxHeight: RungHeight; readonly maxBitrate?: number },
  maxBitrate: number,
): RungHeight {
  let best: RungHeight = rungHeights[0];
  for (const height of rungHeights) {
    const least = rungBitrate(height, maxBitrate) * leastShare;
    if (height <= phone.maxHeight && least <= (phone.maxBitrate ?? Infinity)) best = height;
  }
  return best;
}

/** What an encoding of `height` gets when one of its streams may carry no more than `limit`. */
export function limitedBitrate(height: RungHeight, maxBitrate: number, limit: number): number {
  const bitrate = rungBitrate(height, maxBitrate);
  return Math.min(bitrate, Math.max(leastBitrate, limit, bitrate * leastShare));
}
