import { setTimeout as sleep } from 'node:timers/promises';
import { ZonebridgeError } from '#kernel/index.ts';

/** Asks again and again until the answer is not undefined or false. Throws `timeout` with `what`. */
export async function waitFor<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 15_000,
  intervalMs = 50,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) {
      throw new ZonebridgeError('timeout', `${what} did not happen within ${timeoutMs} ms`);
    }
    await sleep(intervalMs);
  }
}
