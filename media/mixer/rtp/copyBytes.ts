type Copy = (
  this: Uint8Array,
  to: Uint8Array,
  toOffset: number,
  fromOffset: number,
  fromEnd: number,
) => number;

const copy = Reflect.get(Buffer.prototype, 'copy') as Copy;

/**
 * Copies `length` bytes as memory is copied: many times faster than a loop where there is more than a handful, and unlike
 * `set` with `subarray` it allocates no view. Both places must be inside their arrays.
 */
export function copyBytes(
  from: Uint8Array,
  fromOffset: number,
  to: Uint8Array,
  toOffset: number,
  length: number,
): void {
  copy.call(from, to, toOffset, fromOffset, fromOffset + length);
}
