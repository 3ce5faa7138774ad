import { unknownOrientation, type AssembledFrame } from './rtp/FrameAssembler.ts';

/** Half a second at 30 frames a second, more than anything is held back. */
const slots = 16;

/** What a decoder needs of a frame. */
export type DecodableFrame = Omit<AssembledFrame, 'timestamp'>;

interface HeldFrame extends DecodableFrame {
  dueMs: number;
}

/** Encoded frames on their way to a decoder, held back so that a face is not ahead of its voice. */
export class HeldFrames {
  readonly #frames: HeldFrame[] = Array.from({ length: slots }, () => ({
    data: new Uint8Array(0),
    length: 0,
    keyFrame: false,
    orientation: unknownOrientation,
    arrivalMs: 0,
    dueMs: 0,
  }));
  #first = 0;
  #count = 0;

  get empty(): boolean {
    return this.#count === 0;
  }

  get full(): boolean {
    return this.#count === slots;
  }

  /** Copies it. There must be room. */
  push(frame: DecodableFrame, dueMs: number): void {
    const held = this.#frames[(this.#first + this.#count) % slots];
    if (held === undefined) return;
    if (held.data.length < frame.length) held.data = new Uint8Array(frame.length * 2);
    held.data.set(frame.data.subarray(0, frame.length));
    held.length = frame.length;
    held.keyFrame = frame.keyFrame;
    held.orientation = frame.orientation;
    held.arrivalMs = frame.arrivalMs;
    held.dueMs = dueMs;
    this.#count += 1;
  }

  /** The oldest if its time has come; what is returned is good until the next push. */
  takeDue(nowMs: number): HeldFrame | undefined {
    const frame = this.#frames[this.#first];
    if (frame === undefined || this.#count === 0 || frame.dueMs > nowMs) return undefined;
    this.#first = (this.#first + 1) % slots;
    this.#count -= 1;
    return frame;
  }

  clear(): void {
    this.#count = 0;
  }
}
