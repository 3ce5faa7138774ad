import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { ZonebridgeError } from '#kernel/index.ts';
import {
  exportRecords,
  openRecords,
  purgeRecords,
  purgeRecordsBefore,
  recordFormats,
  recordsText,
  verifyRecords,
  type RecordFormat,
  type RecordsPlace,
  type ZoneRecords,
} from '#zones/index.ts';

/** Where the records are, as the commands name it. */
interface ZoneOptions {
  readonly zone: string;
  readonly data: string;
  readonly postgresUrlFile?: string;
}

interface PlaceOptions extends Omit<ZoneOptions, 'zone'> {
  readonly zone?: string;
  readonly export?: string;
}

interface VerifyOptions extends PlaceOptions {
  readonly publicKey?: string;
}

interface OpenOptions extends PlaceOptions {
  readonly identity: string;
  readonly format: RecordFormat;
  readonly party?: string;
  readonly from?: string;
  readonly to?: string;
}

interface PurgeOptions extends ZoneOptions {
  readonly day?: string;
  readonly before?: string;
}

/** What the owner of a zone does with its call records. */
export function addCdrCommands(program: Command): void {
  const cdr = program.command('cdr').description('verify, open, export or purge the call records of a zone');
  const ofPlace = (name: string, description: string): Command =>
    ofData(cdr.command(name).description(description))
      .option('--zone <name>')
      .option('--export <dir>', 'instead of --zone: a folder that cdr export has written');
  const ofZone = (name: string, description: string): Command =>
    ofData(cdr.command(name).description(description)).requiredOption('--zone <name>');
  ofPlace('verify', 'follow the chain of records and check what the zone has signed; needs no key')
    .option('--public-key <file>', 'the zone’s public key, from elsewhere than beside the records')
    .action(verify);
  ofPlace('open', 'print records; needs a key of the owner')
    .requiredOption('--identity <file>', 'age identity of the owner')
    .addOption(new Option('--format <format>').choices([...recordFormats]).default('jsonl'))
    .option('--party <name>', 'as this party may see them: its own legs in clear, the others opaque')
    .option('--from <day>', 'first day, such as 2026-12-31', parseDay)
    .option('--to <day>', 'last day', parseDay)
    .action(open);
  ofZone('export', 'copy sealed records, which the age tool opens too')
    .requiredOption('--out <dir>')
    .action(exportTo);
  ofZone('purge', 'destroy the keys of days, so that nobody can open their records any more')
    .option('--day <day>', 'such as 2026-12-31', parseDay)
    .option('--before <day>', 'instead of --day: every day before this one', parseDay)
    .action(purge);
}

function ofData(command: Command): Command {
  return command
    .option('--data <dir>', 'data folder of the server', 'data')
    .option('--postgres-url-file <file>', 'of a zone with records.postgres_url_file: that file');
}

async function verify({ publicKey, ...where }: VerifyOptions): Promise<void> {
  const given = publicKey === undefined ? {} : { publicKey: await readFile(publicKey, 'utf8') };
  const found = await verifyRecords(placeOf(where), given);
  const { records, purged, heads, certificates, isDelivered, faults } = found;
  const sum = `${records} records (${purged} purged), ${heads} signed heads, ${certificates} purge certificates`;
  if (faults.length > 0) throw new ZonebridgeError('bad-message', [`${sum}:`, ...faults].join('\n'));
  const unsigned = isDelivered ? '; it came by delivery, and nothing of it is signed' : '';
  process.stdout.write(`${sum}: the chain is whole${unsigned}\n`);
}

async function open({ identity, format, party, from, to, ...where }: OpenOptions): Promise<void> {
  const lost = new Map<string, number>();
  const records = await openRecords(placeOf(where), await readFile(identity, 'utf8'), {
    // A call may have begun on an earlier day; whose it is says that record.
    ...(party === undefined ? { from, to } : {}),
    lost: (day) => void lost.set(day, (lost.get(day) ?? 0) + 1),
  });
  const zone = where.zone ?? basename(resolve(where.export ?? ''));
  process.stdout.write(recordsText(records, { format, zone, party, from, to }));
  for (const [day, count] of lost)
    process.stderr.write(`${count} records of ${day} are left out: their key is not there any more\n`);
}

async function exportTo({ out, ...where }: ZoneOptions & { readonly out: string }): Promise<void> {
  const count = await exportRecords(zoneRecords(where), resolve(out));
  process.stdout.write(`${count} records are in ${out}; docs/records.md tells how the age tool opens them\n`);
}

async function purge({ day, before, ...where }: PurgeOptions): Promise<void> {
  if ((day === undefined) === (before === undefined)) wrong('say which days: --day DAY or --before DAY');
  const of = zoneRecords(where);
  const certificates =
    day === undefined ? await purgeRecordsBefore(of, before ?? '') : [await purgeRecords(of, day)];
  if (certificates.length === 0) process.stdout.write('there was nothing to purge\n');
  for (const { day: gone, records, keys } of certificates) {
    process.stdout.write(
      `${records} records of ${gone} and ${keys.length} keys are gone; the signed certificate is records/purges/${gone}.json\n`,
    );
  }
}

function placeOf({ zone, export: exported, ...where }: PlaceOptions): RecordsPlace {
  if (zone !== undefined && exported === undefined) return zoneRecords({ ...where, zone });
  if (exported !== undefined && zone === undefined) return { exported: resolve(exported) };
  return wrong('say whose records: --zone NAME, or --export DIR for what cdr export has written');
}

function zoneRecords({ data, zone, postgresUrlFile }: ZoneOptions): ZoneRecords {
  const dataDir = join(resolve(data), 'zones', zone);
  return postgresUrlFile === undefined ? dataDir : { dataDir, postgresUrlFile: resolve(postgresUrlFile) };
}

function parseDay(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('Give a day such as 2026-12-31.');
}

function wrong(message: string): never {
  throw new ZonebridgeError('invalid-argument', message);
}
