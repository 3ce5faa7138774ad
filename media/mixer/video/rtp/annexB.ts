/** H.264 NAL unit types (ITU-T H.264 table 7-1) and payload structures (RFC 6184 §5.2) that are told apart here. */
export const nal = {
  slice: 1,
  idrSlice: 5,
  sequenceParameterSet: 7,
  pictureParameterSet: 8,
  accessUnitDelimiter: 9,
  /** The last of the types that stand for themselves in a packet. */
  lastSingle: 23,
  singleTimeAggregation: 24,
  fragment: 28,
} as const;

/** The shorter of the two forms of a start code. */
export const startCodeBytes = 3;

/** Where the next start code's `00 00 01` stands, from `from` on; `end` when there is none. */
export function findStartCode(data: Uint8Array, from: number, end: number): number {
  let at = from + 2;
  while (at < end) {
    const third = data[at] ?? 0;
    // What is neither 0 nor 1 is in no start code: the next one ends three bytes later at the earliest.
    if (third > 1) at += 3;
    else if (third === 1) {
      if (data[at - 1] === 0 && data[at - 2] === 0) return at - 2;
      at += 3;
    } else at += 1;
  }
  return end;
}
