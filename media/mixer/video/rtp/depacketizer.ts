/** What a frame of which all packets came is good for. */
export const verdict = {
  /** Nothing to decode, as parameter sets alone. */
  empty: 0,
  /** A decoder can begin with it. */
  key: 1,
  /** For a decoder that had all that came before. */
  delta: 2,
  /** Refers to a frame that was lost, but later frames need not. */
  unusable: 3,
  /** Frames that others refer to were lost. */
  broken: 4,
} as const;
export type Verdict = (typeof verdict)[keyof typeof verdict];

/** Payloads of one codec, in order, to frames. */
export interface Depacketizer {
  /** A frame's first packet comes next. `afterLoss`: packets between it and the frame before are missing, maybe of this frame. */
  begin(afterLoss: boolean): void;
  /** Takes one payload. False when the frame cannot be whole: it does not begin with its beginning, is malformed or too large. */
  add(data: Uint8Array, offset: number, length: number): boolean;
  /** After the last payload of a frame. */
  end(): Verdict;
  /** Packets or a frame are lost. False when what follows cannot be decoded before the next key frame. */
  lose(): boolean;
  reset(): void;
}
