import { videoCodecNames, type VideoCodecName } from '#kernel/index.ts';
import { native, type VideoDecoder, type VideoEncoder } from '../../native/index.ts';
import { createEncoder } from './createEncoder.ts';
import { canvasHeight, canvasWidth, pictureBytes } from './pictureSizes.ts';

/** Percent of a core at 30 frames a second on this machine. */
export interface UnitCosts {
  /** Decoding 360p and drawing it into a tile. */
  readonly camera: number;
  /** Blending and scaling of one view. */
  readonly compose: number;
  /** One 720p encode. */
  readonly encode: Readonly<Record<VideoCodecName, number>>;
}

const framesPerSecond = 30;
const frames = 12;
const warmUpFrames = 3;
const small = { width: 640, height: 360, bitrate: 600_000 };
const large = { width: canvasWidth, height: canvasHeight, bitrate: 1_500_000 };

/**
 * Measures what pictures cost here, in steps of one frame each, so that whoever steps it can do other things between
 * them. What the quickest quarter takes counts, for others use the machine too. (The system tells a thread's CPU time in steps of 4 ms.)
 */
export class Calibration {
  readonly #steps: Generator<undefined, UnitCosts>;

  constructor() {
    this.#steps = measure();
  }

  /** One frame; the figures after the last one. */
  step(): UnitCosts | undefined {
    return this.#steps.next().value;
  }

  /** Ends it early. */
  close(): void {
    this.#steps.return({ camera: 0, compose: 0, encode: { VP8: 0, H264: 0 } });
  }
}

function* measure(): Generator<undefined, UnitCosts> {
  const scene = new Scene();
  const encode: Record<VideoCodecName, number> = { VP8: 0, H264: 0 };
  for (const codec of videoCodecNames) encode[codec] = yield* measureEncode(codec, scene);
  const camera = yield* measureCamera(scene);
  const compose = yield* measureCompose(scene);
  return { camera, compose, encode };
}

function* measureEncode(codec: VideoCodecName, scene: Scene): Generator<undefined, number> {
  const encoder = createEncoder(codec, { ...large, frameRate: framesPerSecond });
  const out = new Uint8Array(pictureBytes(large.width, large.height));
  try {
    return yield* cost(
      () => scene.advance(),
      (frame) => encoder.encode(scene.large, frame * 3000, false, out),
    );
  } finally {
    encoder.close();
  }
}

function* measureCamera(scene: Scene): Generator<undefined, number> {
  const encoder: VideoEncoder = createEncoder('VP8', { ...small, frameRate: framesPerSecond });
  const decoder: VideoDecoder = new native.VideoDecoder({ codec: 'VP8', maxPixels: 1920 * 1088 });
  const out = new Uint8Array(pictureBytes(small.width, small.height));
  const canvas = scene.large;
  let length = 0;
  const prepare = (frame: number): void => {
    scene.advance();
    native.pictures.scale(scene.large, large.width, large.height, scene.small, small.width, small.height);
    length = encoder.encode(scene.small, frame * 3000, false, out);
  };
  const run = (): void => {
    decoder.decode(out, 0, length);
    const { width, height } = small;
    decoder.draw(canvas, large.width, large.height, 0, 0, width, height, 0, 0, 426, 240, 0);
  };
  try {
    return yield* cost(prepare, run);
  } finally {
    encoder.close();
    decoder.close();
  }
}

function* measureCompose(scene: Scene): Generator<undefined, number> {
  const { width, height } = large;
  const alpha = new Uint8Array(320 * 36).fill(128);
  const run = (): void => {
    native.pictures.scale(scene.large, width, height, scene.small, small.width, small.height);
    for (let tile = 0; tile < 9; tile += 1) {
      native.pictures.blend(
        scene.label,
        alpha,
        320,
        36,
        scene.large,
        width,
        height,
        (tile % 3) * 426,
        tile * 60,
      );
    }
  };
  return yield* cost(() => undefined, run);
}

/** Percent of a core that `run` costs. */
function* cost(prepare: (frame: number) => void, run: (frame: number) => void): Generator<undefined, number> {
  const times = new Float64Array(frames);
  for (let frame = 0; frame < warmUpFrames + frames; frame += 1) {
    prepare(frame);
    const beforeMs = performance.now();
    run(frame);
    if (frame >= warmUpFrames) times[frame - warmUpFrames] = performance.now() - beforeMs;
    yield undefined;
  }
  const quietMs = times.sort()[frames / 4] ?? 0;
  return quietMs * framesPerSecond * 0.1;
}

/** Something like a person before a wall: a soft background with noise, and a block of texture that moves. */
class Scene {
  readonly large = new Uint8Array(pictureBytes(large.width, large.height)).fill(128);
  readonly small = new Uint8Array(pictureBytes(small.width, small.height));
  readonly label = new Uint8Array(pictureBytes(320, 36)).fill(128);
  readonly #person = new Uint8Array(pictureBytes(480, 560)).fill(120);
  #frame = 0;

  constructor() {
    texture(this.large, large.width, large.height, 600, 6);
    texture(this.#person, 480, 560, 24, 24);
  }

  advance(): void {
    this.#frame += 1;
    const x = 400 + 2 * Math.round(30 * Math.sin(this.#frame / 7));
    const y = 140 + 2 * Math.round(8 * Math.sin(this.#frame / 5));
    const { width, height } = large;
    native.pictures.copy(this.#person, 480, 560, 0, 0, this.large, width, height, x, y, 480, 560);
  }
}

/** Waves of `wavelength` pixels with noise of the same few bits each time. */
function texture(
  picture: Uint8Array,
  width: number,
  height: number,
  wavelength: number,
  noise: number,
): void {
  let random = 12345;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      const wave = Math.sin((x * 6.28) / wavelength) * Math.cos((y * 6.28) / wavelength);
      picture[y * width + x] = 128 + 60 * wave + ((random >>> 16) % noise);
    }
  }
}
