import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { linkHash, noHash } from '#zones/cdr/chain.ts';

interface Row {
  sequence: number;
  day: string;
  key: number;
  previous_hash: string;
  hash: string;
  sealed_hash: string;
}

/** Takes records out of a zone's file as whoever runs it could: numbers and chain are made anew, and nothing is signed any more. */
export function forgeStore(folder: string, taken: readonly number[]): void {
  using database = new DatabaseSync(join(folder, 'records.sqlite'));
  database.exec(`DELETE FROM heads; DELETE FROM records WHERE sequence IN (${taken.join()})`);
  const rows = database.prepare('SELECT * FROM records ORDER BY sequence').all() as unknown as readonly Row[];
  const update = database.prepare(
    'UPDATE records SET sequence = ?, previous_hash = ?, hash = ? WHERE sequence = ?',
  );
  let before = noHash;
  for (const [index, { sequence: old, day, key, sealed_hash: sealedHash }] of rows.entries()) {
    const sequence = index + 1;
    const hash = linkHash({ sequence, previousHash: before, day, key, sealedHash });
    update.run(sequence, before, hash, old);
    before = hash;
  }
}

/** Gives the lines of a file of an export another form. */
export async function changeLines(
  file: string,
  change: (lines: readonly string[]) => readonly string[],
): Promise<void> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  await writeFile(
    file,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}
