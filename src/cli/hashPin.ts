import type { Command } from 'commander';
import { hashPin } from '#zones/index.ts';
import { readHidden } from './readHidden.ts';

export function addHashPinCommand(program: Command): void {
  program
    .command('hash-pin')
    .description(
      'read a PIN of a room from standard input, without showing it, and print what the file holds',
    )
    .action(async () => {
      process.stdout.write(`${await hashPin(await readHidden('PIN (4 to 16 digits)'))}\n`);
    });
}
