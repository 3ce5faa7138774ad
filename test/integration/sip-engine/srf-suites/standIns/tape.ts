// As much of tape as drachtio-srf's suites use: tests one after another, TAP on standard output.
import { inspect } from 'node:util';

export { test as 'module.exports' };

interface Assert {
  timeoutAfter(timeoutMs: number): void;
  ok(value: unknown, message: string): void;
  pass(message: string): void;
  fail(message: string): void;
  error(error: unknown): void;
  doesNotThrow(run: () => void, message: string): void;
  throws(run: () => void, ...expected: unknown[]): void;
  end(error?: unknown): void;
}

let count = 0;
let failures = 0;
let queue: Promise<void> = Promise.resolve();

function report(passed: boolean, message: string): void {
  count += 1;
  if (!passed) failures += 1;
  console.log(`${passed ? 'ok' : 'not ok'} ${count} ${message}`);
}

function test(name: string, run: (t: Assert) => void): void {
  queue = queue.then(() => one(name, run));
}

function one(name: string, run: (t: Assert) => void): Promise<void> {
  console.log(`# ${name}`);
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let over = false;
    const end = (error?: unknown): void => {
      if (error !== undefined && error !== null) report(false, inspect(error));
      else if (over) report(false, `${name} ended twice`);
      over = true;
      clearTimeout(timer);
      resolve();
    };
    run({
      ...checks,
      end,
      error: end,
      timeoutAfter: (timeoutMs) => (timer = setTimeout(timedOut, timeoutMs)),
    });
    function timedOut(): void {
      end(new Error(`${name} timed out`));
    }
  });
}

const checks = {
  ok: (value: unknown, message: string): void => report(Boolean(value), message),
  pass: (message: string): void => report(true, message),
  fail: (message: string): void => report(false, message),
  doesNotThrow: (run: () => void, message: string): void => report(!throwsIn(run), message),
  throws: (run: () => void, ...expected: unknown[]): void => report(throwsIn(run), String(expected.at(-1))),
};

function throwsIn(run: () => void): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

/** Resolves with the number of failures when every test has ended; one at least must have run. */
export async function finished(): Promise<number> {
  await queue;
  console.log(`1..${count}`);
  return count === 0 ? 1 : failures;
}
