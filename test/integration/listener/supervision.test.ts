import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlSocketPath } from '#src/Program.ts';
import { sendControlCommand } from '#src/supervisor/index.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { FrontDoor, type Greeting } from './FrontDoor.ts';

const own = { servername: 'own.localhost' };
const shared = { servername: 'shared.localhost' };

/** The greeting of a process other than that one. */
function successor(door: FrontDoor, { pid }: Greeting, options: { servername: string }): Promise<Greeting> {
  return waitFor('another process of the zone', async () => {
    const greeting = await door.greeting(door.ports.sip, options).catch(() => undefined);
    return greeting !== undefined && greeting.pid !== pid && greeting;
  });
}

test('each zone is a process with a folder of its own, which nobody else may enter', async () => {
  await using door = await FrontDoor.open();
  const greetings = [await door.greeting(door.ports.sip, own), await door.greeting(door.ports.sip, shared)];
  expect(new Set([process.pid, ...greetings.map(({ pid }) => pid)]).size).toBe(3);
  for (const { name, uid } of greetings) {
    const folder = await stat(join(door.dataDir, 'zones', name));
    expect(folder.mode & 0o777).toBe(0o700);
    expect(folder.uid).toBe(uid);
  }
});

test('a killed zone comes back, and calls of another zone do not notice', async () => {
  await using door = await FrontDoor.open();
  const bystander = await door.greeting(door.ports.sip, shared);
  const victim = await door.greeting(door.ports.sip, own);
  process.kill(victim.pid, 'SIGKILL');
  await once(victim.socket, 'close');
  await successor(door, victim, own);
  bystander.socket.write('still here');
  const [echo] = (await once(bystander.socket, 'data')) as [Buffer];
  expect(echo.toString()).toBe('still here');
  expect((await door.greeting(door.ports.sip, shared)).pid).toBe(bystander.pid);
});

test('while a zone is down, who asks for it gets internal_error', async () => {
  await using door = await FrontDoor.open((config) => ({
    ...config,
    zones: config.zones.map((zone) => (zone.name === 'own' ? { ...zone, log_level: 'error' } : zone)),
  }));
  expect(await door.program.whenTried()).toEqual(
    new Map([
      ['own', expect.objectContaining({ message: 'this zone is told to fail' }) as Error],
      ['shared', null],
    ]),
  );
  await expect(door.greeting(door.ports.sip, own)).rejects.toThrow(/internal error/);
  await door.greeting(door.ports.sip, shared);
});

test('a zone that does not answer any more is replaced', async () => {
  await using door = await FrontDoor.open(undefined, { healthEveryMs: 200, healthMs: 400 });
  const hung = await door.greeting(door.ports.sip, own);
  process.kill(hung.pid, 'SIGSTOP');
  await successor(door, hung, own);
});

test('a drained zone says so, and still does after its process was replaced', async () => {
  await using door = await FrontDoor.open();
  await sendControlCommand(controlSocketPath(door.dataDir), { command: 'drain', zone: 'own' });
  const drained = await door.greeting(door.ports.sip, own);
  expect(drained.state).toBe('draining');
  drained.socket.write('exit');
  await waitFor('a drained successor', async () => {
    const next = await door.greeting(door.ports.sip, own).catch(() => undefined);
    return next !== undefined && next.pid !== drained.pid && next.state === 'draining';
  });
  expect((await door.greeting(door.ports.sip, shared)).state).toBe('serving');
});

test('draining a zone that is not there says which there are', async () => {
  await using door = await FrontDoor.open();
  const command = { command: 'drain', zone: 'nowhere' } as const;
  await expect(sendControlCommand(controlSocketPath(door.dataDir), command)).rejects.toThrow(/own, shared/);
});

test('only its owner may give commands to a running program', async () => {
  await using door = await FrontDoor.open();
  expect((await stat(controlSocketPath(door.dataDir))).mode & 0o777).toBe(0o600);
});

test('closing ends the zones’ processes, and twice is once', async () => {
  const door = await FrontDoor.open();
  const { pid } = await door.greeting(door.ports.sip, own);
  await Promise.all([door.program.close('one'), door.program.close('two')]);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  await door[Symbol.asyncDispose]();
});
