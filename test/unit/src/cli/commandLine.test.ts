import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createTestCa, issueCertificate } from '#src/testCa/issue.ts';
import { testRecipient } from '#test/support/governance.ts';
import { passwordHash } from '#zones/identity/digestCredentials.ts';
import { readDigestUsers } from '#zones/identity/digestUsers.ts';
import { verifyPin } from '#zones/identity/pin.ts';

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function zonebridge(...parameters: readonly string[]): Promise<Outcome> {
  return zonebridgeTold('', ...parameters);
}

/** With that on its standard input. */
async function zonebridgeTold(input: string, ...parameters: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, ['src/main.ts', ...parameters], {
    cwd: new URL('../../../..', import.meta.url),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, output, errors };
}

const governance = [
  ...['--owner', 'security@example.org', '--review-by', '2099-12-31', '--recipient', testRecipient],
] as const;

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-cli-'));
  await run(folder).finally(() => rm(folder, { recursive: true }));
}

test('--help shows the commands with examples', async () => {
  const { code, output } = await zonebridge('--help');
  expect(code).toBe(0);
  expect(output).toMatch(/start .*check .*zone .*version .*Examples:.*zonebridge zone add/s);
});

test('version shows the version, and so does --version', async () => {
  expect((await zonebridge('version')).output).toMatch(/^zonebridge \d+\.\d+\.\d+, Node v24\./);
  expect((await zonebridge('--version')).output).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  ['an unknown command', ['begin']],
  ['an unknown option', ['start', '--port', '1']],
  ['a port that is none', ['start', '--sip-port', '70000']],
  ['no zone to add', ['zone', 'add']],
  ['a zone without an owner', ['zone', 'add', 'z']],
])('%s is wrong usage: exit code 2, and a hint', async (_what, parameters) => {
  const { code, errors } = await zonebridge(...parameters);
  expect(code).toBe(2);
  expect(errors).toContain('zonebridge --help');
});

test('a configuration with faults is exit code 2, for check and for start, with every fault', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'z.yaml');
    await writeFile(file, 'listner: {}\nzones: []\n');
    for (const parameters of [
      ['check', file],
      ['start', '--config', file, '--data', join(folder, 'data')],
    ]) {
      const { code, output, errors } = await zonebridge(...parameters);
      expect({ code, output }).toEqual({ code: 2, output: '' });
      expect(errors).toContain(`${file}:1:1: unknown key listner. Did you mean listener?`);
      expect(errors).toContain(`${file}:2:1: zones: must be a list with at least one entry`);
    }
  }));

test('a zone is added, its certificate missed, and when it is there the file is valid', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'z.yaml');
    const added = await zonebridge(
      'zone',
      'add',
      'tls',
      '--config',
      file,
      '--domain',
      'z.localhost',
      ...governance,
    );
    expect(added).toMatchObject({ code: 0, errors: '' });
    expect(await readFile(join(folder, 'tls.policy.cedar'), 'utf8')).toContain('@id("guests-as-configured")');
    const missed = await zonebridge('check', file);
    expect(missed.code).toBe(2);
    expect(missed.errors).toMatch(
      /z\.yaml:\d+:\d+: .*tls\/tls\.pem is not there\n.*tls\/tls\.key is not there/,
    );
    const { certificate, key } = await issueCertificate(await createTestCa(), ['z.localhost']);
    await writeFile(join(folder, 'tls.pem'), certificate);
    await writeFile(join(folder, 'tls.key'), key);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('tls/tls.', 'tls.'));
    expect(await zonebridge('check', file)).toMatchObject({ code: 0, errors: '' });
    const listed = await zonebridge('zone', 'list', '--config', file);
    expect(listed.output).toMatch(/^ZONE +KIND +DOMAINS +ROOMS\ntls +meetme +z\.localhost +welcome\n$/);
  }));

test('a certificate that does not name a domain is a warning, one without its key a fault', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'z.yaml');
    await zonebridge('zone', 'add', 'z', '--config', file, '--domain', 'other.localhost', ...governance);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('tls/z.', 'z.'));
    const ca = await createTestCa();
    const { certificate, key } = await issueCertificate(ca, ['z.localhost']);
    await writeFile(join(folder, 'z.pem'), certificate);
    await writeFile(join(folder, 'z.key'), key);
    const warned = await zonebridge('check', file);
    expect(warned).toMatchObject({ code: 0 });
    expect(warned.errors).toMatch(
      /^warning: .*z\.yaml:\d+:\d+: the certificate does not name other\.localhost\n$/,
    );
    await writeFile(join(folder, 'z.key'), ca.key);
    const refused = await zonebridge('check', file);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.errors).toContain('is not the key of');
  }));

test('check draws who can reach whom, also when a way is refused', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'z.yaml');
    await zonebridge(
      'zone',
      'add',
      'a',
      '--config',
      file,
      '--network',
      '10.0.0.0/8',
      '--kind',
      'core',
      ...governance,
    );
    await zonebridge('zone', 'add', 'b', '--config', file, '--kind', 'external', ...governance);
    await writeFile(file, (await readFile(file, 'utf8')).replace('kind: core', 'kind: core\n    links: [b]'));
    const { code, output, errors } = await zonebridge('check', file, '--graph');
    expect(code).toBe(2);
    expect(output).toMatch(/✗ a ── may dial into ──▶ b\n.*flowchart LR\n.*linkStyle 0/s);
    expect(errors).toContain('a -> b: a way between a core zone and the outside that no meetme zone is on');
    expect((await zonebridge('check', file, '--graph=mermaid')).output).toMatch(/^flowchart LR/);
  }));

test('what is named and not there, and keys that are none, are told with their places', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'z.yaml');
    await zonebridge('zone', 'add', 'a', '--config', file, ...governance);
    await rm(join(folder, 'a.policy.cedar'));
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(testRecipient, 'age1putyourownpublickeyhere'),
    );
    const { code, errors } = await zonebridge('check', file);
    expect(code).toBe(2);
    expect(errors).toMatch(/z\.yaml:\d+:\d+: .*\/a\.policy\.cedar is not there/);
    expect(errors).toMatch(/z\.yaml:\d+:\d+: age1putyourownpublickeyhere is no public key of age/);
  }));

test('all that is wrong in a policy is told by check, with the line in its file, and beside other faults', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'z.yaml');
    await zonebridge('zone', 'add', 'a', '--config', file, ...governance);
    const policies = [
      '@id("a")',
      'permit (principal, action, resource) when { context.hour == 1 };',
      '@id("b") permit (principal, action, resource) when { context.party == 7 };',
    ];
    await writeFile(join(folder, 'a.policy.cedar'), policies.join('\n'));
    const { code, errors } = await zonebridge('check', file);
    expect(code).toBe(2);
    expect(errors).toMatch(/a\.policy\.cedar:2:45: .*`hour`/);
    expect(errors).toMatch(/a\.policy\.cedar:3:\d+: .*Long/);
    expect(errors).toMatch(/z\.yaml:\d+:\d+: .*tls\/a\.pem is not there/);
  }));

test('hash-pin reads a PIN from standard input and prints what verifies it; what is no PIN is refused', async () => {
  const { code, output, errors } = await zonebridgeTold('4711\n', 'hash-pin');
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(await verifyPin('4711', output.trim())).toBe(true);
  expect(await zonebridgeTold('', 'hash-pin')).toMatchObject({ code: 1, output: '' });
  expect((await zonebridgeTold('secret\n', 'hash-pin')).errors).toMatch(/^a PIN has 4 to 16 digits/);
});

/** A configuration whose zone has accounts for phones, with both algorithms. */
async function withAccounts(folder: string): Promise<readonly string[]> {
  const file = join(folder, 'z.yaml');
  await zonebridge('zone', 'add', 'meet', '--config', file, ...governance);
  const text = await readFile(file, 'utf8');
  const digest = '{ users_file: phones.users, secret_file: phones.secret, algorithms: [SHA-256, MD5] }';
  await writeFile(file, text.replace(/^( *)domains:/m, `$1identity: { digest: ${digest} }\n$1domains:`));
  return ['--zone', 'meet', '--config', file];
}

test('digest-user adds, lists and removes accounts, and shows no password', () =>
  inFolder(async (folder) => {
    const where = await withAccounts(folder);
    const add = await zonebridgeTold(
      'correct horse\n',
      ...['digest-user', 'add', 'ann', '--group', 'staff', '--group', 'desk', '--name', 'Ann', ...where],
    );
    expect(add).toMatchObject({ code: 0, output: 'ann may log in to zone meet (1 in all)\n' });
    await zonebridgeTold('battery staple\n', 'digest-user', 'add', 'bob', ...where);
    const list = await zonebridge('digest-user', 'list', ...where);
    expect(list).toMatchObject({ code: 0, output: 'ann\tAnn\tstaff,desk\nbob\n' });
    const files = { usersFile: join(folder, 'phones.users'), secretFile: join(folder, 'phones.secret') };
    const [ann] = await readDigestUsers({ ...files, realm: 'meet' });
    const account = { user: 'ann', realm: 'meet', password: 'correct horse' };
    expect(ann?.ha1).toEqual({
      'SHA-256': passwordHash('SHA-256', account),
      MD5: passwordHash('MD5', account),
    });
    expect(await zonebridge('digest-user', 'remove', 'ann', ...where)).toMatchObject({ code: 0 });
    expect((await zonebridge('digest-user', 'list', ...where)).output).toBe('bob\n');
  }));

test('digest-user refuses what is no user, a short password, and a zone without accounts', () =>
  inFolder(async (folder) => {
    const where = await withAccounts(folder);
    const bad = await zonebridgeTold('correct horse\n', 'digest-user', 'add', 'a b', ...where);
    expect(bad.errors).toMatch(/^a b is no user/);
    const short = await zonebridgeTold('horse\n', 'digest-user', 'add', 'ann', ...where);
    expect(short).toMatchObject({
      code: 1,
      errors: expect.stringContaining('at least 8 characters') as unknown,
    });
    expect((await zonebridge('digest-user', 'remove', 'ann', ...where)).errors).toContain('is not there');
    const [, , , file = ''] = where;
    const elsewhere = await zonebridge('digest-user', 'list', '--zone', 'other', '--config', file);
    expect(elsewhere.errors).toContain('has no zone other');
  }));

test('a zone cannot be drained where no server runs: exit code 1', () =>
  inFolder(async (folder) => {
    const { code, errors } = await zonebridge('zone', 'drain', 'core', '--data', folder);
    expect(code).toBe(1);
    expect(errors).toContain('is it running, with this --data?');
  }));
