import { constants } from 'node:os';

/** One Ctrl-C under `npm start` arrives twice: from the terminal, and handed down by npm. */
const oneStrokeMs = 1_000;

/** Resolves with the signal's name at the first Ctrl-C or SIGTERM. A second one, later, ends the program at once. */
export function whenToldToStop(kill: () => void): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let toldAtMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (toldAtMs === undefined) {
      toldAtMs = performance.now();
      resolve(signal);
    } else if (performance.now() - toldAtMs > oneStrokeMs) {
      kill();
      process.exit(128 + constants.signals[signal]);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return promise;
}
