import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when the promise settles either way, or when the time is over. */
export async function within(deadlineMs: number, promise: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([settled, delay(deadlineMs, undefined, { signal: stop.signal }).catch(() => undefined)]);
  stop.abort();
}
