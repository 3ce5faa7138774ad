/** Run as a process of its own by fuzz.test.ts: prints one JSON line when the decoders have survived. */
import fc from 'fast-check';
import { videoCodecNames, type VideoCodecName } from '#kernel/index.ts';
import { native, type VideoDecoder, type VideoEncoder } from '#media/native/index.ts';
import { busy, colourAt, encodeAll, green, isNear, picture } from './videoPictures.ts';

const runs = Number(process.argv[2]);
const seed = Number(process.argv[3]);

export interface VideoFuzzing {
  readonly damaged: number;
  readonly pictures: number;
  /** Of different sizes. */
  readonly sizes: number;
  /** A good key frame after all that was decoded right. */
  readonly recovered: boolean;
}

const [width, height] = [176, 144];
const frameCount = 40;

function encoderOf(codec: VideoCodecName): VideoEncoder {
  const options = { width, height, bitrate: 400_000, frameRate: 30 };
  return codec === 'VP8'
    ? new native.Vp8Encoder(options)
    : new native.H264Encoder({ ...options, maxSliceBytes: 1200 });
}

interface Mutation {
  readonly kind: 'flip' | 'set' | 'cut' | 'insert' | 'remove' | 'splice' | 'none';
  readonly at: number;
  readonly value: number;
}

/** Most in the first bytes, where the headers are. */
const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'cut', 'insert', 'remove', 'splice', 'none'),
  at: fc.oneof(fc.nat(40), fc.nat(2 ** 16)),
  value: fc.nat(2 ** 16),
});

function mutate(frame: Uint8Array, other: Uint8Array, { kind, at, value }: Mutation): Uint8Array {
  const place = at % Math.max(frame.length, 1);
  if (kind === 'cut') return frame.slice(0, place);
  const [head, tail] = [frame.subarray(0, place), frame.subarray(place)];
  if (kind === 'insert') return Buffer.concat([head, new Uint8Array(value % 50).fill(value), tail]);
  if (kind === 'remove') return Buffer.concat([head, tail.subarray(value % 20)]);
  if (kind === 'splice') return Buffer.concat([head, other.subarray(value % Math.max(other.length, 1))]);
  const changed = frame.slice();
  if (kind === 'flip') changed[place] = (changed[place] ?? 0) ^ (1 << (value % 8));
  if (kind === 'set') changed[place] = value;
  return changed;
}

function recovers(decoder: VideoDecoder, encoder: VideoEncoder): boolean {
  const out = new Uint8Array(1 << 16);
  const length = encoder.encode(picture(width, height, green).data, frameCount * 3000, true, out);
  const shown = picture(width, height, [0, 0, 0]);
  if (decoder.decode(out, 0, length) !== 1 || decoder.width !== width || decoder.height !== height)
    return false;
  decoder.draw(shown.data, width, height, 0, 0, width, height, 0, 0, width, height, 0);
  return (
    isNear(colourAt(shown, width / 2, height / 2), green) && isNear(colourAt(shown, 1, height - 2), green)
  );
}

function fuzz(codec: VideoCodecName): VideoFuzzing {
  const encoder = encoderOf(codec);
  const frames = encodeAll(
    encoder,
    Array.from({ length: frameCount }, (_, i) => busy(width, height, i)),
  );
  const decoder = new native.VideoDecoder({ codec, maxPixels: 1280 * 720 });
  const canvas = picture(64, 48, [0, 0, 0]);
  const sizes = new Set<number>();
  let [damaged, pictures] = [0, 0];
  const property = fc.property(
    fc.nat(frameCount - 1),
    fc.nat(frameCount - 1),
    fc.array(mutation, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(0, 90, 180, 270),
    (which, otherOne, mutations, rotation) => {
      const none = new Uint8Array(0);
      const other = frames[otherOne] ?? none;
      // Key frames half of the time: only then are there sizes to forge.
      const chosen = frames[which % 2 === 0 ? 0 : which] ?? none;
      const frame = mutations.reduce((bytes, one) => mutate(bytes, other, one), chosen);
      const result = decoder.decode(frame, 0, frame.length);
      if (result < 0) damaged++;
      if (result > 0) pictures++;
      sizes.add(decoder.width * 65_536 + decoder.height);
      const { width: w, height: h } = decoder;
      decoder.draw(canvas.data, 64, 48, which, otherOne, w, h, 2, 2, 60, 44, rotation);
    },
  );
  fc.assert(property, { numRuns: runs, seed });
  return { damaged, pictures, sizes: sizes.size, recovered: recovers(decoder, encoder) };
}

const results = videoCodecNames.map((codec) => [codec, fuzz(codec)] as const);
process.stdout.write(`${JSON.stringify(Object.fromEntries(results))}\n`);
