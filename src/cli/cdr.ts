import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { ZonebridgeError } from '#kernel/index.ts';
import {
  exportRecords,
  openRecords,
  purgeRecords,
  recordFormats,
  recordsText,
  verifyRecords,
  type RecordFormat,
} from '#zones/index.ts';

interface Where {
  readonly data: string;
  readonly zone: string;
}

/** What the owner of a zone does with its call records. */
export function addCdrCommands(program: Command): void {
  const cdr = program.command('cdr').description('verify, open, export or purge the call records of a zone');
  const command = (name: string, description: string): Command =>
    cdr
      .command(name)
      .description(description)
      .requiredOption('--zone <name>')
      .option('--data <dir>', 'data folder of the server', 'data');
  command('verify', 'follow the chain of records and check what the zone has signed; needs no key').action(
    verify,
  );
  command('open', 'print records; needs a key of the owner')
    .requiredOption('--identity <file>', 'age identity of the owner')
    .addOption(new Option('--format <format>').choices([...recordFormats]).default('jsonl'))
    .option('--party <name>', 'as this party may see them: its own legs in clear, the others opaque')
    .option('--from <day>', 'first day, such as 2026-12-31')
    .option('--to <day>', 'last day')
    .action(open);
  command('export', 'copy sealed records, which the age tool opens too')
    .requiredOption('--out <dir>')
    .action(exportTo);
  command('purge', 'destroy the keys of a day, so that nobody can open its records any more')
    .requiredOption('--day <day>', 'such as 2026-12-31')
    .action(purge);
}

async function verify(where: Where): Promise<void> {
  const { records, purged, heads, certificates, faults } = await verifyRecords(folderOf(where));
  const sum = `${records} records (${purged} purged), ${heads} signed heads, ${certificates} purge certificates`;
  if (faults.length > 0) throw new ZonebridgeError('bad-message', [`${sum}:`, ...faults].join('\n'));
  process.stdout.write(`${sum}: the chain is whole\n`);
}

async function open({
  identity,
  format,
  party,
  from = '',
  to = '9999',
  ...where
}: Where & {
  readonly identity: string;
  readonly format: RecordFormat;
  readonly party?: string;
  readonly from?: string;
  readonly to?: string;
}): Promise<void> {
  const records = await openRecords(folderOf(where), await readFile(identity, 'utf8'));
  const wanted = records.filter(({ time }) => time.slice(0, 10) >= from && time.slice(0, 10) <= to);
  process.stdout.write(
    recordsText(wanted, { format, zone: where.zone, ...(party === undefined ? {} : { party }) }),
  );
}

async function exportTo({ out, ...where }: Where & { readonly out: string }): Promise<void> {
  const count = await exportRecords(folderOf(where), resolve(out));
  process.stdout.write(`${count} records are in ${out}; docs/records.md tells how the age tool opens them\n`);
}

async function purge({ day, ...where }: Where & { readonly day: string }): Promise<void> {
  const { records, keys } = await purgeRecords(folderOf(where), day);
  process.stdout.write(
    `${records} records of ${day} and ${keys.length} keys are gone; the signed certificate is records/purges/${day}.json\n`,
  );
}

function folderOf({ data, zone }: Where): string {
  return join(resolve(data), 'zones', zone);
}
