import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { ZonebridgeError } from '#kernel/index.ts';
import {
  digestAlgorithms,
  isDigestUser,
  makeDigestSecret,
  passwordHash,
  readDigestUsers,
  writeDigestUsers,
  type DigestAccount,
  type DigestFiles,
} from '#zones/index.ts';
import { configInvalid, loadConfig } from '../config/index.ts';
import { defaultConfigFile } from './check.ts';
import { readHidden } from './readHidden.ts';

interface Where {
  readonly config: string;
  readonly zone: string;
}

interface Accounts extends DigestFiles {
  readonly algorithms: readonly string[];
}

const fewestCharacters = 8;

/** Accounts with which phones log in to a zone. A running zone takes changes at once. */
export function addDigestUserCommands(program: Command): void {
  const users = program
    .command('digest-user')
    .description('say who may log in to a zone from a phone, by user and password (SIP digest)');
  const command = (name: string, description: string): Command =>
    users
      .command(name)
      .description(description)
      .requiredOption('--zone <name>')
      .option('--config <file>', 'configuration file', defaultConfigFile);
  command('add', 'add or replace an account; the password is read from standard input, without showing it')
    .argument('<user>', 'A-Z, a-z, 0-9, and . _ @ + -')
    .option('--name <text>', 'name of the person')
    .option('--group <name>', 'for policies; repeatable', each)
    .action(add);
  command('remove', 'take an account away; calls that were made with it end')
    .argument('<user>')
    .action(remove);
  command('list', 'print the users, with their groups').action(list);
}

/** A commander argument parser for an option that may be given more than once. */
function each(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

async function add(
  user: string,
  {
    name,
    group: groups = [],
    ...where
  }: Where & { readonly name?: string; readonly group?: readonly string[] },
): Promise<void> {
  if (!isDigestUser(user)) {
    throw new ZonebridgeError(
      'invalid-argument',
      `${user} is no user: 1 to 64 of A-Z, a-z, 0-9, and . _ @ + -`,
    );
  }
  const files = await accountsOf(where);
  if (await makeDigestSecret(files.secretFile)) process.stderr.write(`Made ${files.secretFile}.\n`);
  const others = (await present(files)).filter((account) => account.user !== user);
  const ha1 = hashes(files, user, await readHidden('password'));
  const account = { user, ...(name === undefined ? {} : { name }), groups: [...groups], ha1 };
  await writeDigestUsers(files, [...others, account]);
  process.stdout.write(`${user} may log in to zone ${where.zone} (${others.length + 1} in all)\n`);
}

async function remove(user: string, where: Where): Promise<void> {
  const files = await accountsOf(where);
  const accounts = await readDigestUsers(files);
  const others = accounts.filter((account) => account.user !== user);
  if (others.length === accounts.length) {
    throw new ZonebridgeError('not-found', `zone ${where.zone} has no user ${user}`);
  }
  await writeDigestUsers(files, others);
  process.stdout.write(`${user} may no longer log in to zone ${where.zone} (${others.length} are left)\n`);
}

async function list(where: Where): Promise<void> {
  for (const { user, name = '', groups } of await readDigestUsers(await accountsOf(where))) {
    process.stdout.write(`${[user, name, groups.join(',')].join('\t').trimEnd()}\n`);
  }
}

/** One for each algorithm that the zone offers, so that MD5 is nowhere kept where it is not offered. */
function hashes({ algorithms, realm }: Accounts, user: string, password: string): DigestAccount['ha1'] {
  if (password.length < fewestCharacters) {
    throw new ZonebridgeError('invalid-argument', `a password has at least ${fewestCharacters} characters`);
  }
  const offered = digestAlgorithms.filter((algorithm) => algorithms.includes(algorithm));
  return Object.fromEntries(
    offered.map((algorithm) => [algorithm, passwordHash(algorithm, { user, realm, password })]),
  );
}

/** The first user makes the file. */
async function present(files: DigestFiles): Promise<readonly DigestAccount[]> {
  const isThere = await access(files.usersFile).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
  );
  return isThere ? readDigestUsers(files) : [];
}

async function accountsOf({ config: file, zone: name }: Where): Promise<Accounts> {
  const { config, faults } = await loadConfig(file);
  if (config === undefined) throw configInvalid(faults);
  const zone = config.zones.find((candidate) => candidate.name === name);
  if (zone === undefined) throw new ZonebridgeError('not-found', `${file} has no zone ${name}`);
  const { digest } = zone.identity;
  if (digest === undefined) {
    throw new ZonebridgeError('config-invalid', `zone ${name} names no identity.digest in ${file}`);
  }
  const { users_file: usersFile, secret_file: secretFile, algorithms } = digest;
  return { usersFile, secretFile, realm: name, algorithms };
}
