import { expect, test } from 'vitest';
import { FrameRateLimit } from '#media/mixer/video/FrameRateLimit.ts';
import { FrameClock } from '#media/mixer/video/frameClock.ts';
import { mergeVideoStats, videoLoad, type VideoThreadStats } from '#media/mixer/video/load.ts';
import { limitedBitrate, rungBitrate, rungFor } from '#media/mixer/video/rungs.ts';
import { Calibration } from '#media/mixer/video/unitCosts.ts';
import { WantedHeight } from '#media/mixer/video/WantedHeight.ts';

/** Frames that take `tookMs` each, for so long. */
function work(limit: FrameRateLimit, fromMs: number, forMs: number, tookMs: number): number {
  let nowMs = fromMs;
  for (; nowMs < fromMs + forMs; nowMs += 1000 / limit.rate) limit.observe(nowMs, nowMs + tookMs, tookMs);
  return nowMs;
}

test('the rate halves when frames come out late, and doubles again only where there is room for it', () => {
  const limit = new FrameRateLimit();
  let nowMs = work(limit, 0, 10_000, 20);
  expect(limit).toMatchObject({ rate: 30, lateFraction: 0 });
  nowMs = work(limit, nowMs, 3000, 40);
  expect(limit).toMatchObject({ rate: 15, lateFraction: 1 });
  nowMs = work(limit, nowMs, 60_000, 40);
  expect(limit).toMatchObject({ rate: 15, lateFraction: 0 });
  work(limit, nowMs, 13_000, 20);
  expect(limit.rate).toBe(30);
});

test('a few late frames change nothing', () => {
  const limit = new FrameRateLimit();
  for (let frame = 0; frame < 300; frame += 1) {
    const dueMs = frame * 33.4;
    expect(limit.observe(dueMs, dueMs + (frame % 10 === 0 ? 50 : 10), 10)).toBe(frame % 10 === 0);
  }
  expect(limit.rate).toBe(30);
});

test('of frames that were missed only the last is made', () => {
  const clock = new FrameClock(1000);
  clock.periodMs = 33;
  expect(clock.giveUp(1010)).toBe(0);
  expect(clock.giveUp(1100)).toBe(3);
  expect(clock.nextMs).toBe(1099);
  expect(clock.isDue(1100)).toBe(true);
  clock.advance();
  expect(clock.isDue(1100)).toBe(false);
});

test('a height is told once for a new stream, when it grows, and when it has been less for two seconds', () => {
  const wanted = new WantedHeight();
  expect(wanted.update(0, 0)).toBe(true);
  expect(wanted.update(0, 100)).toBe(false);
  expect(wanted.update(360, 200)).toBe(true);
  expect(wanted.update(180, 300)).toBe(false);
  expect(wanted.update(360, 2100)).toBe(false);
  expect(wanted.update(180, 2200)).toBe(false);
  expect(wanted.update(180, 4000)).toBe(false);
  expect(wanted.height).toBe(360);
  expect(wanted.update(180, 4200)).toBe(true);
  expect(wanted.height).toBe(180);
});

test('a phone gets the largest rung that it has the height and nearly the bitrate for', () => {
  expect(rungFor({ maxHeight: 720 }, 1_500_000)).toBe(720);
  expect(rungFor({ maxHeight: 360 }, 1_500_000)).toBe(360);
  expect(rungFor({ maxHeight: 720, maxBitrate: 1_200_000 }, 1_500_000)).toBe(720);
  expect(rungFor({ maxHeight: 720, maxBitrate: 512_000 }, 1_500_000)).toBe(360);
  expect(rungFor({ maxHeight: 720, maxBitrate: 50_000 }, 1_500_000)).toBe(180);
});

test('a rung is brought down for a phone by a quarter at most', () => {
  const bitrate = rungBitrate(360, 1_500_000);
  expect(bitrate).toBe(600_000);
  expect(limitedBitrate(360, 1_500_000, Infinity)).toBe(bitrate);
  expect(limitedBitrate(360, 1_500_000, 512_000)).toBe(512_000);
  expect(limitedBitrate(360, 1_500_000, 100_000)).toBe(450_000);
});

const thread: VideoThreadStats = {
  usage: { cameras: 9, views: 1, encodes: { VP8: 1, H264: 1 } },
  lateFraction: 0.1,
  views: 1,
  encoders: { VP8: 3, H264: 3 },
  ladders: 2,
  decoders: 9,
  frameRate: 30,
  stageMs: { decode: 1, compose: 2, scale: 3, encode: 4, rtp: 5 },
  framesComposed: 100,
  framesLate: 2,
  framesSkipped: 1,
  latencyMs: { p50: 30, p99: 60, max: 70 },
  packetsReceived: 10,
  packetsSent: 20,
};

test('the load is what was measured times what there is, and unknown before', () => {
  expect(videoLoad([thread], undefined)).toMatchObject({
    capacityPercent: 0,
    plannedPercent: 0,
    lateFraction: 0.1,
  });
  const load = videoLoad([thread, thread], { camera: 2, compose: 1, encode: { VP8: 20, H264: 10 } });
  expect(load.plannedPercent).toBeCloseTo(2 * (18 + 1 + 30) * 1.15);
  expect(load.perCameraPercent).toBeCloseTo(2.3);
  expect(load.perViewPercent).toBeCloseTo(21 * 1.15);
  expect(load.capacityPercent).toBeGreaterThan(0);
});

test('figures of threads are added up, and of latencies the worst is told', () => {
  const other = { ...thread, frameRate: 15, latencyMs: { p50: 20, p99: 80, max: 90 } };
  expect(mergeVideoStats([thread, other], undefined)).toMatchObject({
    views: 2,
    encoders: { VP8: 6, H264: 6 },
    frameRate: 15,
    stageMs: { rtp: 10 },
    latencyMs: { p50: 30, p99: 80, max: 90 },
    packetsSent: 40,
  });
  expect(mergeVideoStats([], undefined)).toMatchObject({ views: 0, frameRate: 30 });
});

test('what pictures cost here is measured frame by frame', () => {
  const calibration = new Calibration();
  let steps = 0;
  let units = calibration.step();
  for (; units === undefined; units = calibration.step()) steps += 1;
  expect(steps).toBeGreaterThan(40);
  for (const cost of [units.camera, units.compose, units.encode.VP8, units.encode.H264])
    expect(cost).toBeGreaterThan(0);
  expect(units.encode.VP8).toBeGreaterThan(units.camera);
});

test('a calibration may be ended early', () => {
  const calibration = new Calibration();
  calibration.step();
  calibration.close();
  calibration.close();
});
