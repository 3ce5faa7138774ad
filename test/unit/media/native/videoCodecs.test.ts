import { expect, test } from 'vitest';
import { videoCodecNames, type VideoCodecName } from '#kernel/index.ts';
import {
  damagedPacket,
  native,
  outTooShort,
  type VideoDecoder,
  type VideoEncoder,
} from '#media/native/index.ts';
import {
  blue,
  busy,
  colourAt,
  encodeAll,
  green,
  isNear,
  nalUnits,
  picture,
  quarters,
  red,
  white,
  type TestPicture,
} from './videoPictures.ts';

const [width, height] = [320, 180];
const maxSliceBytes = 500;
const out = new Uint8Array(1 << 20);

function encoderOf(codec: VideoCodecName, changed = {}): VideoEncoder {
  const options = { width, height, bitrate: 300_000, frameRate: 30, ...changed };
  return codec === 'VP8'
    ? new native.Vp8Encoder(options)
    : new native.H264Encoder({ maxSliceBytes, ...options });
}

function decoderOf(codec: VideoCodecName): VideoDecoder {
  return new native.VideoDecoder({ codec, maxPixels: 1920 * 1088 });
}

/** The decoder's picture as it is. */
function drawn(decoder: VideoDecoder): TestPicture {
  const canvas = picture(decoder.width, decoder.height, red);
  const { width: w, height: h } = canvas;
  expect(decoder.draw(canvas.data, w, h, 0, 0, w, h, 0, 0, w, h, 0)).toBe(true);
  return canvas;
}

function corners(canvas: TestPicture): unknown[] {
  const [right, bottom] = [canvas.width - 9, canvas.height - 9];
  const colours = { red, green, blue, white };
  return [
    [8, 8],
    [right, 8],
    [8, bottom],
    [right, bottom],
  ].map(
    ([x = 0, y = 0]) =>
      Object.entries(colours).find(([, colour]) => isNear(colourAt(canvas, x, y), colour))?.[0] ??
      colourAt(canvas, x, y),
  );
}

const inOrder = ['red', 'green', 'blue', 'white'];

test.each(videoCodecNames)('%s keeps colours where they are', (codec) => {
  const [encoder, decoder] = [encoderOf(codec), decoderOf(codec)];
  expect([decoder.width, decoder.height, decoder.keyFrame]).toEqual([0, 0, false]);
  for (const frame of encodeAll(
    encoder,
    Array.from({ length: 5 }, () => quarters(width, height)),
  ))
    expect(decoder.decode(frame, 0, frame.length)).toBe(1);
  expect([decoder.width, decoder.height]).toEqual([width, height]);
  expect(corners(drawn(decoder))).toEqual(inOrder);
});

test.each(videoCodecNames)('%s has a key frame first, and then when asked for only', (codec) => {
  const [encoder, decoder] = [encoderOf(codec), decoderOf(codec)];
  const keyFrames: number[] = [];
  for (let i = 0; i < 100; i++) {
    const length = encoder.encode(busy(width, height, i).data, i * 3000, i === 40, out);
    decoder.decode(out, 0, length);
    expect(decoder.keyFrame).toBe(encoder.keyFrame);
    if (encoder.keyFrame) keyFrames.push(i);
  }
  expect(keyFrames).toEqual([0, 40]);
});

test.each(videoCodecNames)('the bitrate of %s changes while encoding, without a key frame', (codec) => {
  const encoder = encoderOf(codec, { bitrate: 200_000 });
  let i = 0;
  const bytesOfASecond = (): number => {
    let bytes = 0;
    for (const end = i + 30; i < end; i++) {
      bytes += encoder.encode(busy(width, height, i).data, i * 3000, false, out);
      if (i > 0) expect(encoder.keyFrame).toBe(false);
    }
    return bytes;
  };
  bytesOfASecond();
  bytesOfASecond();
  const slow = bytesOfASecond();
  encoder.setBitrate(800_000);
  bytesOfASecond();
  const fast = bytesOfASecond();
  expect(fast).toBeGreaterThan(2 * slow);
  encoder.setBitrate(200_000);
  bytesOfASecond();
  expect(bytesOfASecond()).toBeLessThan(fast / 2);
});

test.each(videoCodecNames)('at half the frame rate %s may spend twice as much on a frame', (codec) => {
  const encoder = encoderOf(codec, { bitrate: 200_000 });
  let timestamp = 0;
  const meanOf = (from: number, ticks: number): number => {
    const frames = Array.from({ length: 60 }, (_, i) =>
      encoder.encode(busy(width, height, from + i).data, (timestamp += ticks), false, out),
    );
    return frames.slice(30).reduce((sum, length) => sum + length, 0) / 30;
  };
  const full = meanOf(0, 3000);
  encoder.setFrameRate(15);
  expect(meanOf(60, 6000)).toBeGreaterThan(1.4 * full);
});

test.each(videoCodecNames)('%s does not spend the bits of a pause on the picture after it', (codec) => {
  const keyFrameAfter = (pauseSeconds: number): number => {
    const encoder = encoderOf(codec);
    for (let i = 0; i < 40; i++) encoder.encode(busy(width, height, i).data, i * 3000, false, out);
    return encoder.encode(busy(width, height, 40).data, 120_000 + pauseSeconds * 90_000, true, out);
  };
  expect(keyFrameAfter(60)).toBeLessThan(2 * keyFrameAfter(0));
});

test('every NAL unit of H.264 fits its packet, key frames have parameter sets, and the profile is constrained baseline', () => {
  const encoder = encoderOf('H264', { bitrate: 2_000_000 });
  for (let i = 0; i < 20; i++) {
    const length = encoder.encode(busy(width, height, i).data, i * 3000, i === 10, out);
    const units = nalUnits(out.subarray(0, length));
    expect(Math.max(...units.map((unit) => unit.length))).toBeLessThanOrEqual(maxSliceBytes);
    const types = units.map((unit) => (unit[0] ?? 0) & 0x1f);
    if (!encoder.keyFrame) expect(new Set(types)).toEqual(new Set([1]));
    else expect([types.slice(0, 2), new Set(types.slice(2))]).toEqual([[7, 8], new Set([5])]);
    // profile_idc, constraint_set1_flag, level_idc
    const [, profile = 0, constraints = 0, level = 0] = units[0] ?? [];
    if (encoder.keyFrame) expect([profile, constraints & 0x40, level]).toEqual([66, 0x40, 20]);
  }
});

test.each([
  [1280, 720, 31],
  [640, 360, 30],
])('H.264 of %i x %i at 30 frames has the lowest level that allows it', (w, h, level) => {
  const encoder = encoderOf('H264', { width: w, height: h, bitrate: 600_000 });
  const [frame] = encodeAll(encoder, [picture(w, h, red)]) as [Uint8Array];
  expect(nalUnits(frame)[0]?.[3]).toBe(level);
});

test.each(videoCodecNames)('a frame of %s that does not fit is said so, and a key frame follows', (codec) => {
  const encoder = encoderOf(codec);
  encodeAll(encoder, [busy(width, height, 0)]);
  expect(encoder.encode(busy(width, height, 1).data, 3000, false, out.subarray(0, 10))).toBe(outTooShort);
  expect(encoder.encode(busy(width, height, 2).data, 6000, false, out)).toBeGreaterThan(0);
  expect(encoder.keyFrame).toBe(true);
});

test.each(videoCodecNames)('%s pictures of odd sizes and of changing sizes are drawn', (codec) => {
  const decoder = decoderOf(codec);
  for (const [w, h] of [
    [64, 48],
    [640, 360],
    [16, 16],
    [320, 180],
  ] as const) {
    for (const frame of encodeAll(encoderOf(codec, { width: w, height: h }), [quarters(w, h)]))
      expect(decoder.decode(frame, 0, frame.length)).toBe(1);
    expect([decoder.width, decoder.height]).toEqual([w, h]);
    expect(corners(drawn(decoder)).length).toBe(4);
    if (w > 16) expect(corners(drawn(decoder))).toEqual(inOrder);
  }
});

test('a VP8 picture of odd size is drawn whole', () => {
  const [frame] = encodeAll(encoderOf('VP8', { width: 64, height: 48 }), [quarters(64, 48)]) as [Uint8Array];
  const decoder = decoderOf('VP8');
  for (const [w, h] of [
    [63, 47],
    [61, 35],
    [1, 1],
  ] as const) {
    // RFC 6386 §9.1: width and height follow the start code; as many macroblocks or fewer.
    const cut = frame.slice();
    cut.set([w, 0, h, 0], 6);
    expect(decoder.decode(cut, 0, cut.length)).toBe(1);
    expect([decoder.width, decoder.height]).toEqual([w, h]);
    const canvas = picture(64, 48, black());
    for (const rotation of [0, 90, 180, 270] as const)
      expect(decoder.draw(canvas.data, 64, 48, 0, 0, w, h, 0, 0, 64, 48, rotation)).toBe(true);
    expect(isNear(colourAt(canvas, 60, 44), black())).toBe(false);
  }
});

function black(): readonly [number, number, number] {
  return [16, 128, 128];
}

test.each(videoCodecNames)('a %s decoder waits for a key frame, and after a reset for the next', (codec) => {
  const frames = encodeAll(encoderOf(codec), [quarters(width, height), busy(width, height, 0)]);
  const [key, delta] = frames as [Uint8Array, Uint8Array];
  const decoder = decoderOf(codec);
  expect(decoder.decode(delta, 0, delta.length)).toBeLessThan(1);
  expect(decoder.draw(new Uint8Array(600), 20, 20, 0, 0, 2, 2, 0, 0, 20, 20, 0)).toBe(false);
  expect(decoder.decode(key, 0, key.length)).toBe(1);
  expect(decoder.decode(delta, 0, delta.length)).toBe(1);
  decoder.reset();
  expect([decoder.width, decoder.keyFrame]).toEqual([0, false]);
  expect(decoder.decode(delta, 0, delta.length)).toBeLessThan(1);
  expect(decoder.decode(key, 0, key.length)).toBe(1);
  expect(corners(drawn(decoder))).toEqual(inOrder);
});

test.each(videoCodecNames)('a %s frame is read at its offset', (codec) => {
  const [frame] = encodeAll(encoderOf(codec), [quarters(width, height)]) as [Uint8Array];
  const long = new Uint8Array(frame.length + 20).fill(255);
  long.set(frame, 7);
  const decoder = decoderOf(codec);
  expect(decoder.decode(long, 7, frame.length)).toBe(1);
  expect(corners(drawn(decoder))).toEqual(inOrder);
});

test.each(videoCodecNames)(
  'empty, endless and senseless %s frames are damaged, and keep the picture',
  (codec) => {
    const [frame] = encodeAll(encoderOf(codec), [quarters(width, height)]) as [Uint8Array];
    const decoder = decoderOf(codec);
    decoder.decode(frame, 0, frame.length);
    expect(decoder.decode(frame, 0, 0)).toBe(damagedPacket);
    const endless = new Uint8Array(100 << 20);
    expect(decoder.decode(endless, 0, endless.length)).toBe(damagedPacket);
    for (let length = 1; length < 100; length++) decoder.decode(endless.fill(length, 0, length), 0, length);
    expect(corners(drawn(decoder))).toEqual(inOrder);
  },
);

test('pictures with more pixels than allowed are damaged, and the next good one is not', () => {
  const decoder = new native.VideoDecoder({ codec: 'VP8', maxPixels: width * height });
  const [small, large] = [
    encodeAll(encoderOf('VP8'), [quarters(width, height)]),
    encodeAll(encoderOf('VP8', { width: 640, height: 360 }), [picture(640, 360, green)]),
  ].map(([frame]) => frame) as [Uint8Array, Uint8Array];
  expect(decoder.decode(large, 0, large.length)).toBeLessThan(0);
  const forged = small.slice();
  forged.set([0xff, 0x3f, 0xff, 0x3f], 6);
  expect(decoder.decode(forged, 0, forged.length)).toBeLessThan(0);
  expect(decoder.decode(small, 0, small.length)).toBe(1);
  const tall = new native.VideoDecoder({ codec: 'H264', maxPixels: width * height });
  const [unit] = encodeAll(encoderOf('H264', { width: 640, height: 360 }), [picture(640, 360, green)]) as [
    Uint8Array,
  ];
  expect(tall.decode(unit, 0, unit.length)).toBeLessThan(1);
  expect(tall.width).toBe(0);
});

test('wrong options and arguments are refused with the name of what is wrong', () => {
  expect(() => encoderOf('VP8', { width: 321 })).toThrow(/^options\.width must be even$/);
  expect(() => encoderOf('VP8', { height: 8 })).toThrow(/options\.height/);
  expect(() => encoderOf('H264', { bitrate: 1 })).toThrow(/options\.bitrate/);
  expect(() => encoderOf('H264', { frameRate: 0 })).toThrow(/options\.frameRate/);
  expect(() => encoderOf('H264', { maxSliceBytes: 10 })).toThrow(/options\.maxSliceBytes/);
  expect(() => encoderOf('H264', { width: 4096, height: 4096 })).toThrow(/openh264/);
  expect(() => new native.VideoDecoder({ codec: 'VP9' as 'VP8', maxPixels: 1 })).toThrow(RangeError);
  const encoder = encoderOf('VP8');
  const { data } = picture(width, height, red);
  expect(() => encoder.encode(data.subarray(1), 0, false, out)).toThrow(/^picture must have at least/);
  expect(encoder.encode(data, 10, false, out)).toBeGreaterThan(0);
  expect(() => encoder.encode(data, 10, false, out)).toThrow(/^timestamp must be an integer from 11/);
  expect(() => {
    encoder.setBitrate(0);
  }).toThrow(RangeError);
});
