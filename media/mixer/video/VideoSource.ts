import { native, type VideoDecoder } from '../../native/index.ts';
import type { VideoInbound } from '../contract.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import type { CropRectangles } from './layouts/index.ts';
import { HeldFrames, type DecodableFrame } from './HeldFrames.ts';
import type { VideoResources } from './resources.ts';
import { FrameAssembler, type AssembledFrame } from './rtp/FrameAssembler.ts';
import { writePictureLoss } from './rtp/rtcp.ts';

const mostPixels = { camera: 1920 * 1088, screen: 2560 * 1600 } as const;
/** Anything smaller is no camera. */
const leastSide = 16;
/** Key frames are asked for at once when one is missing, and then this often until it comes. */
const askIntervalMs = 1000;
/** A camera that sends nothing for so long is shown as being off; a screen may well stand still. */
const frozenMs = 1750;
/** From a frame's decoding to its departure, on average: by so much a picture is later than its voice already. */
const ownDelayMs = 35;
/** Less than this nobody sees. */
const leastHoldMs = 10;
const mostHoldMs = 200;

/** One inbound stream: from packets to the newest picture. It is decoded only while somebody sees it. */
export class VideoSource {
  readonly inbound: VideoInbound;
  /** Grows with each new picture. */
  pictureNumber = 0;
  /** Of the newest picture. */
  pictureArrivalMs = 0;
  /** After turning; 0 while there is none. */
  width = 0;
  height = 0;
  /** The newest picture has been sent to somebody: its number. */
  departedNumber = 0;
  /** Someone forwards it as it is; told of each whole frame. */
  onFrame: ((frame: AssembledFrame) => void) | undefined;
  readonly #kind: 'camera' | 'screen';
  readonly #resources: VideoResources;
  readonly #assembler: FrameAssembler;
  readonly #held = new HeldFrames();
  #decoder: VideoDecoder | undefined;
  #decoderWaits = false;
  #forwardWaits = false;
  #rotation: 0 | 90 | 180 | 270 = 0;
  #port = 0;
  #askMs = -Infinity;
  #lastPictureMs = -Infinity;
  #holdMs = 0;

  constructor(inbound: VideoInbound, kind: 'camera' | 'screen', resources: VideoResources) {
    this.inbound = inbound;
    this.#kind = kind;
    this.#resources = resources;
    this.#assembler = new FrameAssembler(inbound.codec, (frame) => this.#onFrame(frame));
    if (inbound.parameterSets !== undefined) this.#assembler.setParameterSets(inbound.parameterSets);
    this.#assembler.orientationId = inbound.orientationId;
  }

  get decoding(): boolean {
    return this.#decoder !== undefined;
  }

  /** There is a picture, and it is not a frozen one. */
  isLive(nowMs: number): boolean {
    if (this.width < leastSide || this.height < leastSide) return false;
    return this.#kind === 'screen' || nowMs - this.#lastPictureMs < frozenMs;
  }

  /** How much later than the packets the voice of the same person is heard. */
  setVoiceDelay(delayMs: number): void {
    const holdMs = Math.min(mostHoldMs, delayMs - ownDelayMs);
    this.#holdMs = holdMs < leastHoldMs ? 0 : holdMs;
  }

  /** Begins or ends decoding; it begins with a key frame. */
  setDecoded(decoded: boolean): void {
    if (decoded === this.decoding) return;
    if (decoded) {
      if (this.onFrame === undefined) this.#assembler.reset();
      const { codec } = this.inbound;
      this.#decoder = new native.VideoDecoder({ codec, maxPixels: mostPixels[this.#kind] });
      this.#decoderWaits = true;
      this.#askMs = -Infinity;
      return;
    }
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#held.clear();
    this.pictureNumber = 0;
    this.departedNumber = 0;
    this.width = 0;
    this.height = 0;
  }

  /** Whoever forwards the stream needs a key frame. */
  requestKeyFrame(): void {
    this.#forwardWaits = true;
  }

  receive(packet: RtpPacket, data: Uint8Array, arrivalMs: number, port: number): void {
    this.#port = port;
    if (packet.payloadType !== this.inbound.payloadType) return;
    if (this.#decoder === undefined && this.onFrame === undefined) return;
    const beforeMs = this.#resources.clockMs();
    const { stageMs } = this.#resources;
    const decodedMs = stageMs.decode;
    this.#assembler.receive(packet, data, arrivalMs);
    // What was decoded meanwhile is counted there.
    stageMs.rtp += this.#resources.clockMs() - beforeMs - (stageMs.decode - decodedMs);
  }

  /** Decodes what was held back, and asks for a key frame where one is missing. `port`: of the worker, as long as nothing has come. */
  poll(nowMs: number, port: number): void {
    if (this.#decoder === undefined && this.onFrame === undefined) return;
    this.#assembler.tick(nowMs);
    for (let frame = this.#held.takeDue(nowMs); frame !== undefined; frame = this.#held.takeDue(nowMs)) {
      this.#decode(frame);
    }
    const waits = this.#assembler.needsKeyFrame || this.#decoderWaits || this.#forwardWaits;
    if (!waits || nowMs - this.#askMs < askIntervalMs) return;
    const to = this.#port === 0 ? port : this.#port;
    if (to === 0) return;
    this.#askMs = nowMs;
    writePictureLoss(this.#resources.out, this.inbound.ssrc, this.inbound.ssrc, to);
  }

  /** Draws a part of the newest picture. False when there is none. */
  draw(canvas: Uint8Array, canvasWidth: number, canvasHeight: number, crop: CropRectangles): boolean {
    const decoder = this.#decoder;
    if (decoder === undefined || this.pictureNumber === 0) return false;
    return decoder.draw(
      canvas,
      canvasWidth,
      canvasHeight,
      crop.sourceX,
      crop.sourceY,
      crop.sourceWidth,
      crop.sourceHeight,
      crop.targetX,
      crop.targetY,
      crop.targetWidth,
      crop.targetHeight,
      this.#rotation,
    );
  }

  close(): void {
    this.onFrame = undefined;
    this.setDecoded(false);
  }

  #onFrame(frame: AssembledFrame): void {
    if (frame.keyFrame) this.#forwardWaits = false;
    this.onFrame?.(frame);
    if (this.#decoder === undefined) return;
    if (this.#held.empty && this.#holdMs === 0) this.#decode(frame);
    else {
      if (this.#held.full) {
        const oldest = this.#held.takeDue(Infinity);
        if (oldest !== undefined) this.#decode(oldest);
      }
      this.#held.push(frame, frame.arrivalMs + this.#holdMs);
    }
  }

  #decode(frame: DecodableFrame): void {
    const decoder = this.#decoder;
    if (decoder === undefined || (this.#decoderWaits && !frame.keyFrame)) return;
    const { stageMs, clockMs } = this.#resources;
    const beforeMs = clockMs();
    const result = decoder.decode(frame.data, 0, frame.length);
    const nowMs = clockMs();
    stageMs.decode += nowMs - beforeMs;
    this.#decoderWaits = result < 0;
    if (result <= 0) return;
    const { orientation } = frame;
    if (isRotation(orientation)) this.#rotation = orientation;
    const upright = this.#rotation % 180 === 0;
    this.width = upright ? decoder.width : decoder.height;
    this.height = upright ? decoder.height : decoder.width;
    this.pictureNumber += 1;
    this.pictureArrivalMs = frame.arrivalMs;
    this.#lastPictureMs = nowMs;
  }
}

function isRotation(degrees: number): degrees is 0 | 90 | 180 | 270 {
  return degrees === 0 || degrees === 90 || degrees === 180 || degrees === 270;
}
