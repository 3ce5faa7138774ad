import { expect, test } from 'vitest';
import { statisticsRows } from '../../../web/src/page/statisticsWords.ts';
import { encodingLimits } from '../../../web/src/protocol/encodings.ts';
import { StatisticsReader } from '../../../web/src/protocol/statistics.ts';

interface Entry {
  readonly id: string;
  readonly type: string;
  readonly timestamp: number;
  readonly [member: string]: unknown;
}

function report(...entries: Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.id, entry]));
}

const codec: Entry = { id: 'C', type: 'codec', timestamp: 0, mimeType: 'video/VP8' };

function picture(
  timestamp: number,
  bytesReceived: number,
  packetsReceived: number,
  packetsLost: number,
): Entry {
  const frame = { frameWidth: 1280, frameHeight: 720, framesPerSecond: 30 };
  const counters = { bytesReceived, packetsReceived, packetsLost };
  return { id: 'P', type: 'inbound-rtp', timestamp, mid: '1', codecId: 'C', ...counters, ...frame };
}

function camera(rid: string, timestamp: number, bytesSent: number, frameWidth: number): Entry {
  const frame = { frameWidth, frameHeight: (frameWidth * 9) / 16, framesPerSecond: 30 };
  return { id: rid, type: 'outbound-rtp', timestamp, mid: '1', rid, codecId: 'C', bytesSent, ...frame };
}

test('rates are those between two readings, and nothing on the first', () => {
  const reader = new StatisticsReader();
  expect(reader.read(report(codec, picture(1_000, 50_000, 100, 5))).picture).toMatchObject({ bitrate: 0 });
  const { picture: read } = reader.read(report(codec, picture(2_000, 175_000, 190, 15)));
  expect(read).toEqual({
    bitrate: 1_000_000,
    loss: 0.1,
    width: 1280,
    height: 720,
    frameRate: 30,
    codec: 'VP8',
    layers: [],
  });
  expect(statisticsRows(read ?? expect.fail())).toEqual([
    ['Bitrate', '1.0 Mbit/s'],
    ['Lost packets', '10.0 %'],
    ['Resolution', '1280 × 720'],
    ['Frames', '30 a second'],
    ['Codec', 'VP8'],
  ]);
});

test('the camera counts with all of its sizes, the smallest first, and the loss that the far end reports', () => {
  const reader = new StatisticsReader();
  const at = (ms: number, bytes: number): Map<string, Entry> =>
    report(codec, camera('f', ms, 0, 1280), camera('h', ms, 4 * bytes, 640), camera('q', ms, bytes, 320), {
      id: 'R',
      type: 'remote-inbound-rtp',
      timestamp: ms,
      localId: 'h',
      fractionLost: 0.02,
    });
  reader.read(at(1_000, 0));
  const { camera: read } = reader.read(at(2_000, 12_500));
  expect(read).toMatchObject({ bitrate: 500_000, loss: 0.02, width: 640, codec: 'VP8' });
  expect(read?.layers.map(({ rid, bitrate }) => [rid, bitrate])).toEqual([
    ['q', 100_000],
    ['h', 400_000],
    ['f', 0],
  ]);
});

test('what is not carried is not told, and the round trip is that of the path in use', () => {
  const pair = { type: 'candidate-pair', timestamp: 1, state: 'succeeded' };
  const statistics = new StatisticsReader().read(
    report(
      { ...pair, id: 'unused', nominated: false, currentRoundTripTime: 2 },
      { ...pair, id: 'used', nominated: true, currentRoundTripTime: 0.025 },
    ),
  );
  expect(statistics.roundTripMs).toBe(25);
  expect(statistics.picture).toBeUndefined();
  expect(statistics.camera).toBeUndefined();
});

test('a camera is limited size by size, a screen in its frames, a voice not at all', () => {
  const sizes = (height?: number): unknown[] =>
    ['q', 'h', 'f'].map((rid) => {
      const { active, scaleResolutionDownBy: scale } = encodingLimits('camera', rid, height) ?? {};
      return active === true ? scale : 'at rest';
    });
  expect(sizes()).toEqual([4, 2, 1]);
  expect(sizes(1080)).toEqual([6, 3, 1.5]);
  expect(sizes(480)).toEqual([480 / 180, 480 / 360, 1]);
  expect(sizes(360)).toEqual([2, 1, 'at rest']);
  expect(sizes(180)).toEqual([1, 'at rest', 'at rest']);
  expect(encodingLimits('camera', 'h')).toMatchObject({ maxBitrate: 400_000 });
  expect(encodingLimits('camera', undefined)).toEqual({ maxBitrate: 1_200_000 });
  expect(encodingLimits('screen', undefined)).toEqual({ maxBitrate: 2_500_000, maxFramerate: 15 });
  expect(encodingLimits('microphone', undefined)).toBeUndefined();
});
