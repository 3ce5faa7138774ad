import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { Checkout } from './Checkout.ts';

test('a first run makes everything, a second one does and says nothing', async () => {
  using checkout = new Checkout();
  const first = await checkout.run('scripts/setup.sh');
  expect(first).toMatchObject({ exitCode: 0, stdout: '' });
  expect(first.stderr).toMatch(/^setup: npm done in \d+ s$/m);
  expect(first.stderr).toMatch(/setup: ready in \d+ s\n$/);
  expect(checkout.read('build/zonebridge.node')).toBe('first version');
  expect(checkout.read('build/web/index.html')).toBe('page');
  expect(checkout.has('build/prompts')).toBe(true);
  expect(checkout.takeCalls()).toEqual([expect.stringMatching(/^npm ci --ignore-scripts /), 'addon-build']);

  expect(await checkout.run('scripts/setup.sh')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  expect(checkout.takeCalls()).toEqual([]);
});

test('a changed source is built again, and a known one comes from the cache', async () => {
  using checkout = new Checkout();
  await checkout.run('scripts/setup.sh');
  checkout.takeCalls();

  checkout.write('media/native/addon.cc', 'second version');
  await checkout.run('scripts/setup.sh');
  expect(checkout.takeCalls()).toEqual(['addon-build']);
  expect(checkout.read('build/zonebridge.node')).toBe('second version');

  checkout.write('media/native/addon.cc', 'first version');
  await checkout.run('scripts/setup.sh');
  expect(checkout.takeCalls()).toEqual([]);
  expect(checkout.read('build/zonebridge.node')).toBe('first version');
});

test('npm packages are installed again when the lock file changes', async () => {
  using checkout = new Checkout();
  await checkout.run('scripts/setup.sh');
  checkout.takeCalls();
  checkout.write('package-lock.json', '{ }');
  expect(await checkout.run('scripts/setup.sh')).toMatchObject({ exitCode: 0 });
  expect(checkout.takeCalls()).toEqual([expect.stringMatching(/^npm ci /)]);
});

test('only the Debian packages that are missing are installed', async () => {
  using checkout = new Checkout();
  checkout.markInstalled('libopus-dev', 'sox');
  expect(await checkout.run('scripts/setup.sh')).toMatchObject({ exitCode: 0 });
  const installs = checkout.takeCalls().filter((call) => call.includes(' install '));
  expect(installs).toEqual([expect.stringMatching(/ install libopus-dev$/)]);

  expect(await checkout.run('scripts/setup.sh', '--dev')).toMatchObject({ exitCode: 0 });
  expect(checkout.takeCalls().filter((call) => call.includes(' install '))).toEqual([
    expect.stringMatching(/ install sox$/),
  ]);
});

test('a user who may not install packages is told the command, and nothing else is begun', async () => {
  using checkout = new Checkout();
  checkout.markInstalled('g++', 'libopus-dev', 'sox');
  checkout.write('uid', '1000\n');
  const ended = await checkout.run('scripts/setup.sh');
  expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
  expect(ended.stderr).toContain(
    '\n         apt-get update && apt-get install -y --no-install-recommends g++ libopus-dev\n',
  );
  expect(checkout.takeCalls().filter((call) => !call.startsWith('sudo '))).toEqual([]);
});

test('a step that fails shows what it wrote last and what to do, and the next run repeats it', async () => {
  using checkout = new Checkout();
  checkout.replaceTool('npm', 'echo "registry is away" >&2; exit 9');
  const ended = await checkout.run('scripts/setup.sh');
  expect(ended.exitCode).toBe(1);
  expect(ended.stderr).toMatch(/registry is away\n(.|\n)*FAILED: npm \(exit code 9\)(.|\n)*npm ping/);

  checkout.takeCalls();
  await checkout.run('scripts/setup.sh');
  expect(checkout.takeCalls()).toEqual([expect.stringMatching(/^npm ci /)]);
});

test('a failed build of the addon leaves no addon behind', async () => {
  using checkout = new Checkout();
  checkout.write(
    'media/native/build.sh',
    '#!/bin/sh\necho half >"$1"\necho "addon.cc:1: error" >&2\nexit 1\n',
  );
  const ended = await checkout.run('scripts/setup.sh');
  expect(ended.exitCode).toBe(1);
  expect(ended.stderr).toContain('addon.cc:1: error');
  expect(checkout.has('build/zonebridge.node')).toBe(false);
});

test('of two runs at the same time one works and the other waits for it', async () => {
  using checkout = new Checkout();
  const both = await Promise.all([checkout.run('scripts/setup.sh'), checkout.run('scripts/setup.sh')]);
  expect(both).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  expect(checkout.takeCalls()).toHaveLength(2);
});

test('a worker that is named but is no program is an error', async () => {
  using checkout = new Checkout();
  checkout.write('worker-of-the-user', '');
  chmodSync(`${checkout.path}/worker-of-the-user`, 0o644);
  const ended = await checkout.run('scripts/setup.sh');
  expect(ended.exitCode).toBe(1);
  expect(ended.stderr).toContain('MEDIASOUP_WORKER_BIN names');
});

test('the program gets its arguments, and its output and exit code are its own', async () => {
  using checkout = new Checkout();
  const ended = await checkout.run('scripts/with-setup.sh', 'program.ts', '--room', 'two words');
  expect(ended).toMatchObject({ exitCode: 7, stdout: '["--room","two words"]\n' });
});

test('stopped half way, the set-up ends what it started', async () => {
  using checkout = new Checkout();
  checkout.write(
    'media/native/build.sh',
    '#!/bin/sh\nsleep 600 & echo $! >"$CHECKOUT/pid.new"\nmv pid.new pid\nwait\n',
  );
  const run = checkout.start('scripts/setup.sh');
  await vi.waitUntil(() => checkout.has('pid'), { timeout: 20_000 });
  const compiler = Number(checkout.read('pid'));
  run.kill('SIGTERM');
  const [exitCode] = (await once(run, 'exit')) as [number | null];
  expect(exitCode).toBe(143);
  await vi.waitUntil(() => !existsSync(`/proc/${compiler}`), { timeout: 20_000 });
});
