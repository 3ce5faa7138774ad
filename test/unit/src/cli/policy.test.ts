import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTestConfig } from '#test/support/testConfig.ts';

let folder = '';
let config = '';

interface Outcome {
  readonly code: number;
  readonly output: string;
}

function policy(command: string, ...words: readonly string[]): Promise<Outcome> {
  const program = ['src/main.ts', 'policy', command, ...words, '--config', config];
  const cwd = new URL('../../../..', import.meta.url);
  return new Promise((resolve) => {
    execFile(process.execPath, program, { cwd }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

const caller = ['--zone', 'meetme', '--room', 'welcome', '--from', 'sips:ann@acme.example'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zonebridge-policy-cli-'));
  const written = await writeTestConfig(folder, { sipPort: 7461, httpsPort: 9843 }, (zone) => {
    if (zone.name !== 'meetme') return;
    zone.guests.model = 'deny';
    zone.time_zone = 'Europe/Berlin';
    zone.tls.client_ca = join(folder, 'test-ca', 'ca.pem');
    const agreement = { contact: 'video@acme.example', agreement: '2026-17', expires: '2099-12-31' };
    const windows = [{ days: ['mon' as const, 'tue' as const, 'wed' as const], from: '08:00', to: '18:00' }];
    zone.partners = [{ name: 'acme', domains: ['acme.example'], ...agreement, windows }];
  });
  config = written.file;
});

afterAll(() => rm(folder, { recursive: true }));

test('explain says who decides, and what would be needed', async () => {
  const evening = await policy('explain', ...caller, '--at', '2026-12-01T20:00:00Z');
  expect(evening.code).toBe(1);
  expect(evening.output).toMatch(/^DENY\n {2}party {5}guest\n {2}by {8}guests: deny \(guests\)/);
  expect(evening.output).toContain(
    'a certificate of partner acme, and waiting until 2026-12-02T07:00:00Z (wed 2026-12-02 08:00 in Europe/Berlin)',
  );
  expect(evening.output).toContain('guests.model: lobby or allow');
});

test('explain shows the place of the policy that lets in', async () => {
  const noon = await policy('explain', ...caller, '--partner', 'acme', '--at', '2026-12-01T10:00:00Z');
  expect(noon.code).toBe(0);
  expect(noon.output).toMatch(
    /^ALLOW as guest\n {2}party {5}acme\n {2}by {8}partners-come-in \(.*policy\.cedar:\d+\) \(cedar\)/,
  );
});

test('explain prints JSON for programs', async () => {
  const { output } = await policy(
    'explain',
    ...caller,
    '--partner',
    'acme',
    '--at',
    '2026-12-01T10:00:00Z',
    '--json',
  );
  expect(JSON.parse(output)).toMatchObject({
    zone: 'meetme',
    decision: { effect: 'allow', policies: ['partners-come-in'] },
  });
});

test.each([
  [['--at', 'noon'], /--at: must be a time such as/],
  [['--from', 'ann'], /--from: must be a SIP URI such as/],
  [['--room', 'nowhere'], /has no room nowhere; its rooms are welcome/],
  [['--partner', 'globex'], /has no partner globex; it has acme/],
  [['--zone', 'nowhere'], /has no zone nowhere; it has core, meetme/],
  [['--pin', 'guest'], /room welcome of zone meetme has no guest PIN/],
])('a question that is wrong is exit code 2, and told: %j', async (words, message) => {
  expect(await policy('explain', ...caller, ...words)).toEqual({
    code: 2,
    output: expect.stringMatching(message) as string,
  });
});

test('a table of cases is decided, and one that does not hold fails it', async () => {
  const file = join(folder, 'cases.yaml');
  const shared = `zone: meetme, room: welcome, from: 'sips:ann@acme.example', partner: acme`;
  const good = [
    'cases:',
    `  - { name: in hours, ${shared}, at: 2026-12-01T10:00:00Z, expect: allow, by: partners-come-in, role: guest }`,
    `  - { name: at night, ${shared}, at: 2026-12-01T20:00:00Z, expect: deny, by: 'partner acme: window' }`,
  ];
  await writeFile(file, good.join('\n'));
  expect(await policy('test', file)).toEqual({
    code: 0,
    output: 'ok    in hours\nok    at night\n2 passed, 0 failed\n',
  });
  await writeFile(
    file,
    [...good, `  - { name: wrong, ${shared}, at: 2026-12-01T20:00:00Z, expect: allow }`].join('\n'),
  );
  const wrong = await policy('test', file);
  expect(wrong).toEqual({
    code: 1,
    output: expect.stringContaining('FAIL  wrong: expected allow, got deny\n2 passed, 1 failed') as string,
  });
  await writeFile(file, good.join('\n').replace('expect: deny', 'expct: deny'));
  const faulty = await policy('test', file);
  expect(faulty.code).toBe(2);
  expect(faulty.output).toMatch(/cases\.yaml:3:\d+: cases\.1: Unrecognized key: "expct"/);
});
