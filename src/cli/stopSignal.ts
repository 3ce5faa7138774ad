import { constants } from 'node:os';

/** Resolves with the signal's name at the first Ctrl-C or SIGTERM. The second one ends the program at once. */
export function whenToldToStop(kill: () => void): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let told = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (told) {
      kill();
      process.exit(128 + constants.signals[signal]);
    }
    told = true;
    resolve(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return promise;
}
