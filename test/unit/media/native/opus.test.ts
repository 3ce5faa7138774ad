import { expect, test } from 'vitest';
import { damagedPacket, native, outTooShort, type OpusEncoderOptions } from '#media/native/index.ts';
import { babble, signalToErrorDb, tone, toneToNoiseDb } from './signal.ts';

const sampleRateHz = 48_000;
const frameSamples = 960;
const options = { sampleRateHz, bitrate: 32_000, complexity: 5, application: 'audio' } as const;

interface EncodeSettings extends Partial<OpusEncoderOptions> {
  readonly lossPercent?: number;
  readonly dtx?: boolean;
}

/** The packets of `pcm` cut into frames of 20 ms. */
function encodeAll(pcm: Int16Array, { lossPercent, dtx, ...changed }: EncodeSettings = {}): Uint8Array[] {
  const encoder = new native.OpusEncoder({ ...options, ...changed });
  if (lossPercent !== undefined) encoder.setForwardErrorCorrection(true, lossPercent);
  if (dtx !== undefined) encoder.setDtx(dtx);
  const out = new Uint8Array(1500);
  const packets: Uint8Array[] = [];
  for (let start = 0; start + frameSamples <= pcm.length; start += frameSamples) {
    const length = encoder.encode(pcm.subarray(start, start + frameSamples), out);
    expect(length).toBeGreaterThan(0);
    packets.push(out.slice(0, length));
  }
  encoder.close();
  return packets;
}

type Mend = 'fec' | 'plc';

/** Decodes with every tenth packet lost and mended; without `mend` nothing is lost. */
function decodeAll(packets: readonly Uint8Array[], mend?: Mend): Int16Array {
  const decoder = new native.OpusDecoder({ sampleRateHz });
  const pcm = new Int16Array(packets.length * frameSamples);
  for (const [i, packet] of packets.entries()) {
    const out = pcm.subarray(i * frameSamples, (i + 1) * frameSamples);
    const next = packets[i + 1];
    const lost = mend !== undefined && i % 10 === 5 && next !== undefined;
    if (!lost) expect(decoder.decode(packet, 0, packet.length, out)).toBe(frameSamples);
    else if (mend === 'plc') expect(decoder.conceal(out)).toBe(frameSamples);
    else expect(decoder.decodeForwardErrorCorrection(next, 0, next.length, out)).toBe(frameSamples);
  }
  decoder.close();
  return pcm;
}

/** The frames that `decodeAll` mends, end to end. */
function lostFrames(pcm: Int16Array): Int16Array {
  return pcm.filter((_, i) => Math.floor(i / frameSamples) % 10 === 5);
}

test.each(['audio', 'voip'] as const)('a tone survives Opus in %s mode', (application) => {
  const decoded = decodeAll(encodeAll(tone(1000, sampleRateHz, 50 * frameSamples), { application }));
  expect(toneToNoiseDb(decoded.subarray(10 * frameSamples), 1000, sampleRateHz)).toBeGreaterThan(20);
});

test.each([8000, 16_000, 48_000] as const)('a decoder at %i Hz gives frames of that rate', (rate) => {
  const decoder = new native.OpusDecoder({ sampleRateHz: rate });
  const out = new Int16Array(rate / 50);
  const heard: number[] = [];
  for (const packet of encodeAll(tone(1000, sampleRateHz, 50 * frameSamples))) {
    expect(decoder.decode(packet, 0, packet.length, out)).toBe(out.length);
    heard.push(...out);
  }
  expect(toneToNoiseDb(Int16Array.from(heard).subarray(rate / 5), 1000, rate)).toBeGreaterThan(20);
});

test('a lost frame is nearer to the original with in-band FEC than with concealment alone', () => {
  const packets = encodeAll(babble(sampleRateHz, 200 * frameSamples), { lossPercent: 10 });
  const whole = lostFrames(decodeAll(packets));
  const recovered = signalToErrorDb(whole, lostFrames(decodeAll(packets, 'fec')));
  const concealed = signalToErrorDb(whole, lostFrames(decodeAll(packets, 'plc')));
  expect(recovered).toBeGreaterThan(concealed + 5);
});

test('a packet without FEC data is concealed in its stead', () => {
  const packets = encodeAll(babble(sampleRateHz, 50 * frameSamples));
  expect(decodeAll(packets, 'fec')).toEqual(decodeAll(packets, 'plc'));
});

test('the bitrate changes while encoding', () => {
  const encoder = new native.OpusEncoder({ ...options, bitrate: 16_000 });
  const pcm = babble(sampleRateHz, 100 * frameSamples);
  const out = new Uint8Array(1500);
  const bytesOf = (from: number): number => {
    let bytes = 0;
    for (let i = from; i < from + 50; i++)
      bytes += encoder.encode(pcm.subarray(i * frameSamples, (i + 1) * frameSamples), out);
    return bytes;
  };
  const slow = bytesOf(0);
  encoder.setBitrate(64_000);
  expect(bytesOf(50)).toBeGreaterThan(2 * slow);
});

test('silence takes a byte or two a frame with DTX, and full packets without', () => {
  const silence = new Int16Array(60 * frameSamples);
  const shortest = (dtx: boolean): number =>
    Math.min(...encodeAll(silence, { application: 'voip', dtx }).map((packet) => packet.length));
  expect(shortest(true)).toBeLessThanOrEqual(2);
  expect(shortest(false)).toBeGreaterThan(2);
});

test('a reset encoder and decoder act like new ones', () => {
  const encoder = new native.OpusEncoder(options);
  const decoder = new native.OpusDecoder({ sampleRateHz });
  const once = (): [Uint8Array, Int16Array] => {
    const packet = new Uint8Array(1500);
    const pcm = new Int16Array(frameSamples);
    const length = encoder.encode(babble(sampleRateHz, 3 * frameSamples).subarray(-frameSamples), packet);
    decoder.decode(packet, 0, length, pcm);
    return [packet.subarray(0, length), pcm];
  };
  const first = once();
  expect(once()).not.toEqual(first);
  encoder.reset();
  decoder.reset();
  expect(once()).toEqual(first);
});

test('a packet is read at its offset', () => {
  const packets = encodeAll(babble(sampleRateHz, 2 * frameSamples));
  const [first, second] = packets as [Uint8Array, Uint8Array];
  const both = Uint8Array.from([...first, ...second]);
  const decoder = new native.OpusDecoder({ sampleRateHz });
  const out = new Int16Array(2 * frameSamples);
  decoder.decode(both, 0, first.length, out);
  decoder.decode(both, first.length, second.length, out.subarray(frameSamples));
  expect(out).toEqual(decodeAll(packets));
});

test('damaged packets and a short output are negative numbers, not exceptions', () => {
  const decoder = new native.OpusDecoder({ sampleRateHz });
  const out = new Int16Array(5760);
  expect(decoder.decode(new Uint8Array(0), 0, 0, out)).toBe(damagedPacket);
  // Code 3 with a frame count of 0, RFC 6716 §3.2.5.
  expect(decoder.decode(Uint8Array.of(3, 0), 0, 2, out)).toBe(damagedPacket);
  const [packet] = encodeAll(tone(440, sampleRateHz, frameSamples)) as [Uint8Array];
  expect(decoder.decode(packet, 0, packet.length, out.subarray(0, 959))).toBe(outTooShort);
});
