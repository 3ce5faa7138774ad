import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { hashPin } from '#zones/index.ts';
import { ZonebridgeError } from '#kernel/index.ts';

export function addHashPinCommand(program: Command): void {
  program
    .command('hash-pin')
    .description(
      'read a PIN of a room from standard input, without showing it, and print what the file holds',
    )
    .action(async () => {
      process.stdout.write(`${await hashPin(await readPin())}\n`);
    });
}

/** One line; at a terminal asked for on standard error, so that standard output has the hash alone. */
async function readPin(): Promise<string> {
  const terminal = process.stdin.isTTY;
  if (terminal) process.stderr.write('PIN (4 to 16 digits): ');
  // readline edits the line and shows it only where it is given an output.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  lines.once('line', resolve);
  lines.once('SIGINT', () => reject(new ZonebridgeError('closed', 'no PIN was typed')));
  lines.once('close', () => reject(new ZonebridgeError('invalid-argument', 'no PIN came on standard input')));
  try {
    return await promise;
  } finally {
    if (terminal) process.stderr.write('\n');
    lines.close();
  }
}
