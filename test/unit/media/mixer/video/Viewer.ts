import type { VideoCodecName } from '#kernel/index.ts';
import { emptyRtpPacket, parseRtp } from '#media/mixer/rtp/packet.ts';
import { FrameAssembler } from '#media/mixer/video/rtp/FrameAssembler.ts';
import { native, type VideoDecoder } from '#media/native/index.ts';
import { colors, type Color } from './ColorSender.ts';

const sampleWidth = 1280;
const sampleHeight = 720;

/** One stream as its receiver sees it. */
export class Viewer {
  readonly ssrc: number;
  frames = 0;
  keyFrames = 0;
  /** Of all its packets, in the order in which they came. */
  readonly sequences: number[] = [];
  /** Of its frames. */
  readonly timestamps: number[] = [];
  longestPacket = 0;
  reports = 0;
  readonly #assembler: FrameAssembler;
  readonly #decoder: VideoDecoder;
  readonly #packet = emptyRtpPacket();
  #drawn = false;
  readonly #canvas = new Uint8Array((sampleWidth * sampleHeight * 3) / 2);

  constructor(ssrc: number, codec: VideoCodecName) {
    this.ssrc = ssrc;
    this.#decoder = new native.VideoDecoder({ codec, maxPixels: 1920 * 1088 });
    this.#assembler = new FrameAssembler(codec, ({ data, length, keyFrame, timestamp }) => {
      this.frames += 1;
      if (keyFrame) this.keyFrames += 1;
      this.timestamps.push(timestamp);
      this.#decoder.decode(data, 0, length);
      this.#drawn = false;
    });
  }

  get height(): number {
    return this.#decoder.height;
  }

  receive(data: Uint8Array, at: number, length: number): void {
    if (!parseRtp(data, at, length, this.#packet)) throw new Error('a packet that is no RTP');
    this.sequences.push(this.#packet.sequence);
    this.longestPacket = Math.max(this.longestPacket, length);
    this.#assembler.receive(this.#packet, data, performance.now());
  }

  /** The colour at fractions of width and height. */
  colorAt(x: number, y: number): Color {
    if (!this.#drawn) this.#draw();
    const column = Math.floor(x * sampleWidth);
    const row = Math.floor(y * sampleHeight);
    const chroma = sampleWidth * sampleHeight + (row >> 1) * (sampleWidth / 2) + (column >> 1);
    return [
      this.#canvas[row * sampleWidth + column] ?? 0,
      this.#canvas[chroma] ?? 0,
      this.#canvas[chroma + (sampleWidth * sampleHeight) / 4] ?? 0,
    ];
  }

  /** The names of the colours that are somewhere on the picture. */
  seen(): string[] {
    const found = new Set<string>();
    for (let y = 0.02; y < 1; y += 0.04) {
      for (let x = 0.02; x < 1; x += 0.04) {
        const color = this.colorAt(x, y);
        for (const [name, one] of Object.entries(colors)) if (isNear(color, one)) found.add(name);
      }
    }
    return Object.keys(colors).filter((name) => found.has(name));
  }

  #draw(): void {
    const { width, height } = this.#decoder;
    this.#decoder.draw(
      this.#canvas,
      sampleWidth,
      sampleHeight,
      0,
      0,
      width,
      height,
      0,
      0,
      sampleWidth,
      sampleHeight,
      0,
    );
    this.#drawn = true;
  }

  close(): void {
    this.#decoder.close();
  }
}

export function isNear(one: Color | undefined, other: Color): boolean {
  if (one === undefined) return false;
  return one.every((value, index) => Math.abs(value - (other[index] ?? 0)) < 12);
}
