const firstMs = 200;
const longestMs = 30_000;

/** How long to wait before the restart after `failures` failures in a row: 0.2 s, doubling, 30 s at most. */
export function backOffMs(failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
}
