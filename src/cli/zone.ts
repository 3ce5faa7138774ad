import { readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Argument, Option, type Command } from 'commander';
import {
  addZone,
  configInvalid,
  loadConfig,
  newPolicyFile,
  writeDefaultPolicy,
  type Config,
  type NewZone,
} from '../config/index.ts';
import { controlSocketPath } from '../Program.ts';
import { sendControlCommand } from '../supervisor/index.ts';
import { defaultConfigFile } from './check.ts';
import { embeddedConfig } from './embeddedConfig.ts';
import { addZoneApiCommands } from './zoneApi.ts';

export function addZoneCommands(program: Command): void {
  const zone = program.command('zone').description('list, add, drain or ask zones');
  zone
    .command('list')
    .description('show the zones of a configuration; without --config those of the embedded default')
    .option('--config <file>', 'configuration file')
    .action(list);
  zone
    .command('add')
    .description('append a zone with free media ports to a configuration file')
    .addArgument(new Argument('<name>', 'a-z, 0-9, "-"'))
    .option('--config <file>', 'configuration file; made if it is not there', defaultConfigFile)
    .addOption(new Option('--kind <kind>').choices(['core', 'meetme', 'external']).default('meetme'))
    .option('--domain <name>', 'name that people dial and open (default: NAME.localhost)')
    .option('--address <address>', 'address for media', outwardAddress())
    .requiredOption('--owner <who>', 'who answers for the guest policy, which is "deny" at first')
    .requiredOption('--review-by <day>', 'when that must be looked at again, such as 2026-12-31')
    .requiredOption('--recipient <age1…>', 'public key of the owner of the call records; repeatable', each)
    .option('--network <cidr>', 'where the owner’s own people are; a core zone needs one; repeatable', each)
    .action(add);
  zone
    .command('drain')
    .description('let a zone of a running server take no new calls; those it has go on')
    .argument('<name>')
    .option('--data <dir>', 'data folder of the running server', 'data')
    .action(drain);
  addZoneApiCommands(zone);
}

async function list({ config: file }: { readonly config?: string }): Promise<void> {
  const { zones } = file === undefined ? embeddedConfig() : await readable(file);
  const rows = zones.map(({ name, kind, domains, rooms }) => [
    name,
    kind,
    domains.join(' '),
    rooms.map((room) => room.name).join(' '),
  ]);
  process.stdout.write(table([['ZONE', 'KIND', 'DOMAINS', 'ROOMS'], ...rows]));
}

interface AddOptions {
  readonly config: string;
  readonly kind: NewZone['kind'];
  readonly domain?: string;
  readonly address: string;
  readonly owner: string;
  readonly reviewBy: string;
  readonly recipient: readonly string[];
  readonly network?: readonly string[];
}

async function add(name: string, options: AddOptions): Promise<void> {
  const { config: file, kind, domain = `${name}.localhost`, address, owner, reviewBy } = options;
  const present = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  const named = { name, kind, domain, address, owner, reviewBy };
  const zone = { ...named, recipients: options.recipient, networks: options.network ?? [] };
  const text = addZone(file, present, zone);
  const policyFile = join(dirname(file), newPolicyFile(name));
  const written = await writeDefaultPolicy({ kind, policy: { file: policyFile } });
  await writeFile(file, text);
  process.stdout.write(
    [
      `${present === undefined ? 'Made' : 'Changed'} ${file}: zone ${name} (${kind}) for ${domain}, media on ${address}.`,
      `${written ? 'Wrote' : 'Kept'} ${policyFile}, which says who may come in. Guests are denied until \`guests\` says otherwise.`,
      `Next: put its certificate at tls/${name}.pem and the key at tls/${name}.key beside the file, then`,
      `  zonebridge check ${file}`,
      '',
    ].join('\n'),
  );
}

/** A commander argument parser for an option that may be given more than once. */
function each(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

async function drain(name: string, { data }: { readonly data: string }): Promise<void> {
  await sendControlCommand(controlSocketPath(resolve(data)), { command: 'drain', zone: name });
  process.stdout.write(`zone ${name} takes no new calls\n`);
}

async function readable(file: string): Promise<Config> {
  const { config, faults } = await loadConfig(file);
  if (config === undefined) throw configInvalid(faults);
  return config;
}

/** The first address of this machine that others can reach. */
function outwardAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
