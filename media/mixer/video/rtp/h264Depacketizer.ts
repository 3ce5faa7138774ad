import { nal } from './annexB.ts';
import { verdict, type Depacketizer, type Verdict } from './depacketizer.ts';
import type { FrameBuffer } from './frameBuffer.ts';
import { ParameterSets } from './parameterSets.ts';

/** RFC 6184, packetization modes 0 and 1: single NAL units, STAP-A and FU-A, to access units in Annex B. */
export class H264Depacketizer implements Depacketizer {
  readonly parameterSets = new ParameterSets();
  readonly #frame: FrameBuffer;
  #afterLoss = false;
  /** The access unit has a slice; it has an IDR slice; it has a sequence parameter set of its own. */
  #hasSlice = false;
  #idr = false;
  #hasSets = false;
  /** The NAL unit that was begun last: its type, 0 for none, and where it stands in the frame. */
  #type = 0;
  #nalOffset = 0;
  #fragmentOpen = false;

  constructor(frame: FrameBuffer) {
    this.#frame = frame;
  }

  begin(afterLoss: boolean): void {
    this.#afterLoss = afterLoss;
    this.#hasSlice = false;
    this.#idr = false;
    this.#hasSets = false;
    this.#type = 0;
    this.#fragmentOpen = false;
  }

  add(data: Uint8Array, offset: number, length: number): boolean {
    const type = (data[offset] ?? 0) & 0x1f;
    if (type === nal.fragment) return this.#addFragment(data, offset, length);
    this.#fragmentOpen = false;
    if (type === nal.singleTimeAggregation) return this.#addAggregate(data, offset + 1, offset + length);
    if (type >= 1 && type <= nal.lastSingle) return this.#addUnit(data, offset, length);
    // 0, 30 and 31 are to be ignored (§5.2); the others are of packetization mode 2, which nobody was offered.
    return type === 0 || type > 29;
  }

  end(): Verdict {
    this.#endUnit();
    if (!this.#hasSlice) return verdict.empty;
    if (!this.#idr) return verdict.delta;
    return this.parameterSets.complete ? verdict.key : verdict.broken;
  }

  lose(): boolean {
    return false;
  }

  reset(): void {
    this.parameterSets.reset();
  }

  #addUnit(data: Uint8Array, offset: number, length: number): boolean {
    if (!this.#beginUnit(data[offset] ?? 0, data[offset + 1] ?? 0)) return false;
    return this.#frame.append(data, offset + 1, length - 1);
  }

  /** §5.7.1: 16 bits of size before each NAL unit. */
  #addAggregate(data: Uint8Array, from: number, end: number): boolean {
    let at = from;
    while (at + 2 <= end) {
      const length = ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
      at += 2;
      if (length === 0 || at + length > end) return false;
      if (!this.#addUnit(data, at, length)) return false;
      at += length;
    }
    return at === end;
  }

  /** §5.8. A first fragment that comes while another NAL unit is open ends that: all packets between are there. */
  #addFragment(data: Uint8Array, offset: number, length: number): boolean {
    if (length < 3) return false;
    const indicator = data[offset] ?? 0;
    const header = data[offset + 1] ?? 0;
    const type = header & 0x1f;
    if ((header & 0x80) !== 0) {
      if (!this.#beginUnit((indicator & 0xe0) | type, data[offset + 2] ?? 0)) return false;
    } else if (!this.#fragmentOpen || type !== this.#type) return false;
    this.#fragmentOpen = (header & 0x40) === 0;
    return this.#frame.append(data, offset + 2, length - 2);
  }

  /** `second`: the byte after the header, with which a slice says whether it is the first of its picture. */
  #beginUnit(header: number, second: number): boolean {
    this.#endUnit();
    const type = header & 0x1f;
    if (type === nal.sequenceParameterSet) this.#hasSets = true;
    if (type === nal.slice || type === nal.idrSlice) {
      // `first_mb_in_slice` is 0 when its first bit is 1: else the beginning of the picture is among what was lost.
      if (!this.#hasSlice && this.#afterLoss && (second & 0x80) === 0) return false;
      this.#hasSlice = true;
    }
    if (type === nal.idrSlice && !this.#idr) {
      this.#idr = true;
      const { annexB } = this.parameterSets;
      if (!this.#hasSets && !this.#frame.append(annexB.data, 0, annexB.length)) return false;
    }
    this.#type = type;
    if (!this.#frame.appendNalHeader(header)) return false;
    this.#nalOffset = this.#frame.length - 1;
    return true;
  }

  #endUnit(): void {
    if (this.#type !== nal.sequenceParameterSet && this.#type !== nal.pictureParameterSet) return;
    this.parameterSets.receive(this.#frame.data, this.#nalOffset, this.#frame.length - this.#nalOffset);
    this.#type = 0;
  }
}
