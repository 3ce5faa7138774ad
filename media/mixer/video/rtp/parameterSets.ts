import { nal } from './annexB.ts';
import { FrameBuffer } from './frameBuffer.ts';

const mostSets = 16;
const mostSetBytes = 512;

/** The H.264 parameter sets that a stream uses now: from its SDP until it has sent its own. */
export class ParameterSets {
  /** In Annex B, to be put before an IDR picture that comes without. */
  readonly annexB = new FrameBuffer();
  readonly #offsets = new Int32Array(mostSets);
  readonly #lengths = new Int32Array(mostSets);
  #count = 0;
  #lastType = 0;
  #hasSequence = false;
  #hasPicture = false;
  #described: readonly Uint8Array[] = [];
  #inBand = false;

  /** There is one of both kinds. */
  get complete(): boolean {
    return this.#hasSequence && this.#hasPicture;
  }

  /** `sprop-parameter-sets`, RFC 6184 §8.1: base64, separated by commas. */
  describe(sprop: string): void {
    this.#described = sprop.split(',').map((set) => Buffer.from(set.trim(), 'base64'));
    if (!this.#inBand) this.reset();
  }

  /** Back to what the SDP says. */
  reset(): void {
    this.#clear();
    for (const set of this.#described) this.#add(set, 0, set.length);
    this.#inBand = false;
  }

  /** A parameter set of the stream itself. */
  receive(data: Uint8Array, offset: number, length: number): void {
    this.#inBand = true;
    this.#add(data, offset, length);
  }

  #add(data: Uint8Array, offset: number, length: number): void {
    if (length < 2 || length > mostSetBytes) return;
    const type = (data[offset] ?? 0) & 0x1f;
    if (type !== nal.sequenceParameterSet && type !== nal.pictureParameterSet) return;
    // A sequence parameter set after picture parameter sets begins a new round of them.
    const isSequence = type === nal.sequenceParameterSet;
    if (isSequence && this.#lastType !== nal.sequenceParameterSet) this.#clear();
    this.#lastType = type;
    if (this.#has(data, offset, length)) return;
    if (this.#count === mostSets) this.#clear();
    this.annexB.appendNalHeader(data[offset] ?? 0);
    this.#offsets[this.#count] = this.annexB.length - 1;
    this.#lengths[this.#count] = length;
    this.#count += 1;
    this.annexB.append(data, offset + 1, length - 1);
    if (isSequence) this.#hasSequence = true;
    else this.#hasPicture = true;
  }

  #has(data: Uint8Array, offset: number, length: number): boolean {
    for (let index = 0; index < this.#count; index += 1) {
      const at = this.#offsets[index] ?? 0;
      if (this.#lengths[index] === length && isEqual(this.annexB.data, at, data, offset, length)) return true;
    }
    return false;
  }

  #clear(): void {
    this.annexB.clear();
    this.#count = 0;
    this.#lastType = 0;
    this.#hasSequence = false;
    this.#hasPicture = false;
  }
}

function isEqual(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number, length: number): boolean {
  for (let index = 0; index < length; index += 1) {
    if (a[aOffset + index] !== b[bOffset + index]) return false;
  }
  return true;
}
