import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { MixerVideoLeg, VideoStreamStart } from '#media/mixer/contract.ts';
import { isRtcp } from '#media/mixer/video/rtp/rtcp.ts';
import { ColorSender, type Color } from '#test/unit/media/mixer/video/ColorSender.ts';
import { Viewer } from '#test/unit/media/mixer/video/Viewer.ts';

const frameMs = 1000 / 30;

/** A phone as the mixer sees it, with plain RTP over loopback UDP: shows a colour, keeps what it sees. */
export class VideoLeg implements AsyncDisposable {
  readonly config: MixerVideoLeg;
  readonly outbound: VideoStreamStart;
  readonly viewer: Viewer;
  readonly #socket: Socket;
  readonly #sender: ColorSender;
  readonly #mixerPort: number;
  readonly #timer: NodeJS.Timeout;
  #frames = 0;

  static async open(id: string, number: number, color: Color, mixerPort: number): Promise<VideoLeg> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new VideoLeg(id, number, color, mixerPort, socket);
  }

  private constructor(id: string, number: number, color: Color, mixerPort: number, socket: Socket) {
    const codec = 'H264';
    const { port } = socket.address();
    this.#socket = socket;
    this.#mixerPort = mixerPort;
    this.#sender = new ColorSender(1000 + number, codec, color);
    this.outbound = {
      ssrc: 2000 + number,
      port,
      payloadType: 97,
      codec,
      sequenceOffset: 65_000,
      timestampOffset: 2 ** 32 - 1000,
    };
    this.config = {
      id,
      conferenceId: 'room',
      kind: 'phone',
      label: id,
      muted: false,
      camera: this.#sender.inbound,
      outbound: { ...this.outbound, maxHeight: 180 },
    };
    this.viewer = new Viewer(this.outbound.ssrc, codec);
    socket.on('message', (packet) => this.#receive(packet));
    this.#timer = setInterval(() => this.#send(), frameMs);
  }

  /** Waits for as many frames more. */
  async framesMore(count: number): Promise<void> {
    const { frames } = this.viewer;
    while (this.viewer.frames < frames + count) await once(this.#socket, 'message');
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#sender.close();
    this.viewer.close();
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #receive(packet: Buffer): void {
    if (!isRtcp(packet, 0, packet.length)) this.viewer.receive(packet, 0, packet.length);
  }

  /** Key frames come by themselves now and then. */
  #send(): void {
    this.#frames += 1;
    if (this.#frames % 15 === 0) this.#sender.forceKeyFrame();
    for (const packet of this.#sender.packets(Date.now())) {
      this.#socket.send(packet, this.#mixerPort, '127.0.0.1');
    }
  }
}
