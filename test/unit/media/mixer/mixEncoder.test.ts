import { expect, test } from 'vitest';
import { MixEncoder } from '#media/mixer/audio/MixEncoder.ts';
import { isOpusDtx, opusPacketHasFec, opusPacketSamples } from '#media/mixer/audio/opusPacket.ts';
import { native } from '#media/native/index.ts';
import { sine } from '#test/support/tones.ts';

const silence = new Int16Array(960);

/** Something like a voice: harmonics of a gliding pitch, in syllables of a quarter of a second. */
function voice(frame: number): Int16Array {
  return Int16Array.from({ length: 960 }, (_, index) => {
    const seconds = (frame * 960 + index) / 48000;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic += 1) {
      sum += Math.sin(2 * Math.PI * harmonic * (140 * seconds + Math.sin(8 * seconds))) / harmonic;
    }
    return Math.round(5000 * sum * Math.sin(2 * Math.PI * 2 * seconds) ** 2);
  });
}

/** How many of 100 packets carry forward error correction when told this loss. */
function packetsWithFec(encoder: MixEncoder, loss: number): number {
  encoder.setLoss(loss);
  let packets = 0;
  for (let frame = 0; frame < 100; frame += 1) {
    encoder.encode(voice(frame), false);
    if (opusPacketHasFec(encoder.payload, 0, encoder.length)) packets += 1;
  }
  return packets;
}

test('forward error correction is in the packets when a listener loses some, and only then', () => {
  const encoder = new MixEncoder('opus');
  expect(packetsWithFec(encoder, 0)).toBe(0);
  expect(packetsWithFec(encoder, 0.03)).toBe(0);
  expect(packetsWithFec(encoder, 0.1)).toBeGreaterThan(60);
  expect(packetsWithFec(encoder, 0.03)).toBeGreaterThan(60);
  expect(packetsWithFec(encoder, 0)).toBeLessThan(5);
  encoder.close();
});

test('silence is encoded until it comes out the same, then its packet is used again', () => {
  const encoder = new MixEncoder('opus');
  for (let frame = 0; frame < 20; frame += 1) encoder.encode(sine(440, 48000, 960, 0.25, frame * 960), false);
  let encodes = 0;
  while (encodes < 100 && encoder.encode(silence, true)) encodes += 1;
  expect(encodes).toBeLessThan(60);
  expect(encoder.length).toBeGreaterThan(2);
  expect(encoder.encode(sine(440, 48000, 960), false)).toBe(true);
  encoder.close();
});

test.each([
  ['opus', 960, 0],
  ['G722', 160, 160],
  ['PCMA', 160, 160],
  ['PCMU', 160, 160],
] as const)('a frame of %s lasts %d clock units', (codec, duration, bytes) => {
  const encoder = new MixEncoder(codec);
  encoder.encode(sine(440, 48000, 960), false);
  expect(encoder.duration).toBe(duration);
  if (bytes > 0) expect(encoder.length).toBe(bytes);
  encoder.close();
});

test.each([120, 240, 480, 960, 1920, 2880])('an Opus packet of %d samples says so itself', (samples) => {
  for (const application of ['audio', 'voip'] as const) {
    const encoder = new native.OpusEncoder({
      sampleRateHz: 48000,
      bitrate: 24000,
      complexity: 5,
      application,
    });
    const out = new Uint8Array(1500);
    const length = encoder.encode(sine(440, 48000, samples), out);
    expect(opusPacketSamples(out, 0, length)).toBe(samples);
    encoder.close();
  }
});

test('what no Opus encoder makes has no duration', () => {
  expect(opusPacketSamples(Uint8Array.from([]), 0, 0)).toBe(0);
  expect(opusPacketSamples(Uint8Array.from([0x03]), 0, 1)).toBe(0);
  expect(opusPacketSamples(Uint8Array.from([0x1b, 63]), 0, 2)).toBe(0);
  expect(isOpusDtx(2)).toBe(true);
  expect(isOpusDtx(3)).toBe(false);
});
