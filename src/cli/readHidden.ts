import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { ZonebridgeError } from '#kernel/index.ts';

/**
 * One line of standard input that is not shown; at a terminal it is asked for on standard error, so that standard output has the result alone.
 * Throws `closed`, `invalid-argument`.
 */
export async function readHidden(what: string): Promise<string> {
  const terminal = process.stdin.isTTY;
  if (terminal) process.stderr.write(`${what}: `);
  // readline edits the line and shows it only where it is given an output.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  lines.once('line', resolve);
  lines.once('SIGINT', () => reject(new ZonebridgeError('closed', `no ${what} was typed`)));
  lines.once('close', () =>
    reject(new ZonebridgeError('invalid-argument', `no ${what} came on standard input`)),
  );
  try {
    return await promise;
  } finally {
    if (terminal) process.stderr.write('\n');
    lines.close();
  }
}
