import type { VideoCodecName } from '#kernel/index.ts';
import type { VideoInbound } from '#media/mixer/contract.ts';
import { OutgoingPackets } from '#media/mixer/rtp/outgoing.ts';
import { OutboundVideoStream } from '#media/mixer/video/rtp/OutboundVideoStream.ts';
import { PacketizedFrame } from '#media/mixer/video/rtp/PacketizedFrame.ts';
import { native, type VideoEncoder } from '#media/native/index.ts';

/** Y, U and V of BT.601, limited range. */
export type Color = readonly [number, number, number];

export const colors = {
  red: [81, 90, 240],
  green: [145, 54, 34],
  blue: [41, 240, 110],
  yellow: [210, 16, 146],
  magenta: [106, 202, 222],
  cyan: [170, 166, 16],
} as const satisfies Record<string, Color>;

export interface SenderOptions {
  readonly width?: number;
  readonly height?: number;
}

/** A camera in front of a coloured wall. */
export class ColorSender {
  readonly inbound: VideoInbound;
  sending = true;
  /** Does not hear who asks for key frames. */
  deaf = false;
  readonly #encoder: VideoEncoder;
  readonly #picture: Uint8Array;
  readonly #encoded: Uint8Array;
  readonly #frame = new PacketizedFrame();
  readonly #stream: OutboundVideoStream;
  readonly #out: OutgoingPackets;
  #packets: Uint8Array[] = [];
  #timestamp = 0;
  #keyFrame = true;

  constructor(ssrc: number, codec: VideoCodecName, color: Color, options: SenderOptions = {}) {
    const { width = 320, height = 180 } = options;
    this.inbound = { ssrc, payloadType: 96, codec };
    const encoderOptions = { width, height, bitrate: 500_000, frameRate: 30 };
    this.#encoder =
      codec === 'VP8'
        ? new native.Vp8Encoder(encoderOptions)
        : new native.H264Encoder({ ...encoderOptions, maxSliceBytes: 1100 });
    this.#picture = new Uint8Array((width * height * 3) / 2);
    native.pictures.fill(this.#picture, width, height, 0, 0, width, height, ...color);
    this.#encoded = new Uint8Array(this.#picture.length);
    this.#stream = new OutboundVideoStream(
      { ssrc, port: 1, payloadType: 96, codec, sequenceOffset: 1, timestampOffset: 2 },
      0,
    );
    this.#out = new OutgoingPackets({
      send: ({ data, lengths, slotBytes }, count) => {
        for (let index = 0; index < count; index += 1) {
          const at = index * slotBytes;
          this.#packets.push(data.slice(at, at + (lengths[index] ?? 0)));
        }
        return count;
      },
    });
  }

  forceKeyFrame(): void {
    if (!this.deaf) this.#keyFrame = true;
  }

  /** The next frame. */
  packets(wallMs: number): Uint8Array[] {
    this.#timestamp += 3000;
    const length = this.#encoder.encode(this.#picture, this.#timestamp, this.#keyFrame, this.#encoded);
    this.#keyFrame = false;
    this.#packets = [];
    if (length <= 0) return [];
    this.#frame.split(this.inbound.codec, this.#encoded, length);
    this.#stream.write(this.#out, this.#frame, wallMs);
    this.#out.flush();
    return this.#packets;
  }

  close(): void {
    this.#encoder.close();
  }
}
