import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RecordsFixture } from '#test/integration/zones/cdr/RecordsFixture.ts';
import { BadReceiver, properly, type Misbehaviour } from '#test/support/BadReceiver.ts';
import { testOwnerIdentity } from '#test/support/governance.ts';
import type { Receiver } from '#test/support/Receiver.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { openRecords, purgeRecords, verifyRecords } from '#zones/cdr/index.ts';
import { DeliveryStage } from './DeliveryStage.ts';

const run = promisify(execFile);

let stage: DeliveryStage;
let receiver: Receiver;
let fixture: RecordsFixture;
beforeEach(async () => {
  stage = await DeliveryStage.open();
  ({ receiver, fixture } = stage);
});
afterEach(() => stage[Symbol.asyncDispose]());

test('records that were there and those that come are delivered, and the standard age tool opens them', async () => {
  await stage.calls(3);
  await receiver.start();
  await using delivery = await stage.deliver();
  await stage.delivered(6);
  await stage.calls(2);
  await stage.expectAllThere(10);
  expect(delivery.state).toEqual({ waiting: 0, isAlarm: false, missing: 0 });

  const folder = await receiver.streamFolder();
  const place = (name: string): string => join(fixture.dataDir, name);
  await writeFile(place('owner.txt'), testOwnerIdentity);
  const [line = ''] = (await readFile(join(folder, 'chain.jsonl'), 'utf8')).split('\n');
  const { day, key, sealed } = JSON.parse(line) as { day: string; key: number; sealed: string };
  await writeFile(place('record.age'), Buffer.from(sealed, 'base64'));
  await run('age', [
    '-d',
    '-i',
    place('owner.txt'),
    '-o',
    place('day.txt'),
    join(folder, `keys/${day}.${key}.key.age`),
  ]);
  const { stdout } = await run('age', ['-d', '-i', place('day.txt'), place('record.age')]);
  expect(JSON.parse(stdout)).toMatchObject({ type: 'leg-start', display_name: 'Guest 0' });
  expect(await readFile(join(folder, 'chain.jsonl'), 'utf8')).not.toMatch(/Guest/);
});

test('while the receiver is away records wait, also over restarts of the zone, and come in order', async () => {
  await using first = await stage.deliver();
  await stage.calls(3);
  await waitFor('a try that failed', () => first.state.waiting === 6);
  await first.close('test');
  await fixture.reopen();
  await using second = await stage.deliver();
  await stage.calls(2);
  expect(second.state.waiting).toBe(10);
  await receiver.start();
  await stage.expectAllThere(10);
  await second.close('test');

  // What was taken is not sent again by the next.
  await using third = await stage.deliver();
  await stage.calls(1);
  await stage.expectAllThere(12);
  expect(await receiver.state()).toMatchObject({ duplicates: 0 });
  expect(third.state.waiting).toBe(0);
});

test('a receiver that misbehaves in every way loses and doubles nothing', async () => {
  await receiver.start();
  await using bad = await BadReceiver.before(receiver);
  const misbehaviours: readonly Misbehaviour[] = [
    (response) => void response.writeHead(500).end('no'),
    (response) => void response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end(),
    (response) => void response.destroy(),
    // Taken, and the answer lost.
    async (response, pass) => {
      await pass();
      response.destroy();
    },
    // Taken, and the answer too late.
    async (response, pass) => {
      await pass();
      await sleep(1_300);
      response.end();
    },
    (response) => void response.writeHead(409).end('garbage'),
    (response) => void response.writeHead(409).end('{"expected": 1000}'),
    (response) => void response.writeHead(413).end(),
    (response) => void response.writeHead(400).end('x'.repeat(100_000)),
  ];
  // In between something gets through, else it would wait longer and longer.
  bad.willDo(...misbehaviours.flatMap((each) => [each, properly]));
  await stage.calls(2);
  await using delivery = await stage.deliver(receiver.config(bad.port));
  await waitFor(
    'all of it to have been tried',
    async () => {
      await stage.calls(1);
      return bad.requests > 18;
    },
    60_000,
    200,
  );
  await waitFor('the rest', () => delivery.state.waiting === 0);
  const count = (await openRecords(fixture.place, testOwnerIdentity)).length;
  await stage.expectAllThere(count);
  // One at the least of each of the two batches that were taken without an answer in time.
  expect((await receiver.state())?.duplicates).toBeGreaterThan(1);
}, 70_000);

test('a receiver that is killed while it takes records keeps what it has acknowledged, and none twice', async () => {
  await receiver.start();
  await using delivery = await stage.deliver();
  for (let round = 0; round < 4; round += 1) {
    const writing = stage.calls(15);
    await sleep(Math.random() * 60);
    await receiver.stop('SIGKILL');
    await writing;
    await receiver.start();
  }
  await stage.expectAllThere(120);
  expect(delivery.state).toMatchObject({ waiting: 0, missing: 0 });
}, 60_000);

test('a line that a crash left half written is taken away, and its record comes again', async () => {
  await receiver.start();
  await using delivery = await stage.deliver();
  await stage.calls(2);
  await stage.delivered(4);
  await receiver.stop();
  const chain = join(await receiver.streamFolder(), 'chain.jsonl');
  const text = await readFile(chain, 'utf8');
  await writeFile(chain, text.slice(0, -200));
  await receiver.start();
  await stage.calls(1);
  await stage.expectAllThere(6);
  expect(delivery.state.waiting).toBe(0);
}, 30_000);

test('a receiver that has lost everything is given everything again', async () => {
  await receiver.start();
  await using _ = await stage.deliver();
  await stage.calls(3);
  await stage.delivered(6);
  await receiver.stop();
  await rm(await receiver.streamFolder(), { recursive: true });
  await receiver.start();
  await stage.calls(1);
  await stage.expectAllThere(8);
}, 30_000);

test('records that are missing in the zone’s own store are numbered, and nobody takes what does not fit the chain', async () => {
  await stage.calls(3);
  await fixture.records.close('test');
  const database = new DatabaseSync(join(fixture.folder, 'records.sqlite'));
  database.exec('DELETE FROM records WHERE sequence IN (2, 3)');
  database.close();
  await fixture.reopen();
  await receiver.start();
  await using delivery = await stage.deliver();
  await stage.delivered(6);
  expect(await receiver.state()).toMatchObject({ sequence: 6, gaps: 2 });
  expect(delivery.state.missing).toBe(2);
  const exported = await receiver.streamFolder();
  expect((await verifyRecords({ exported })).faults.join('\n')).toMatch(/record 3 is missing/);

  await fixture.records.close('test');
  const changed = new DatabaseSync(join(fixture.folder, 'records.sqlite'));
  changed.exec(
    "UPDATE records SET day = '2020-01-01' WHERE sequence = 5; UPDATE meta SET value = '4' WHERE name = 'released'",
  );
  changed.close();
  await receiver.stop();
  await rm(exported, { recursive: true });
  await receiver.start();
  await fixture.reopen();
  await using again = await stage.deliver();
  await sleep(500);
  expect(again.state.waiting).toBeGreaterThan(0);
  expect((await receiver.state())?.sequence ?? 0).toBeLessThan(5);
}, 30_000);

test('of a day that was purged before it was delivered the chain arrives without its text', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-10T12:00:00Z') });
  try {
    await fixture.reopen();
    await stage.calls(1);
    vi.setSystemTime(new Date('2026-01-11T12:00:00Z'));
    await stage.calls(1);
    await purgeRecords(fixture.place, '2026-01-10');
    // The certificate for the receiver is good for today.
    vi.useRealTimers();
    await receiver.start();
    await using _ = await stage.deliver();
    await stage.delivered(4);
    const folder = await receiver.streamFolder();
    const lines = (await readFile(join(folder, 'chain.jsonl'), 'utf8')).trim().split('\n');
    const sealed = lines.map((line) => (JSON.parse(line) as { sealed: string }).sealed !== '');
    expect(sealed).toEqual([false, false, true, true]);
    expect((await readdir(join(folder, 'keys'))).every((key) => key.startsWith('2026-01-11'))).toBe(true);
    expect(await receiver.state()).toMatchObject({ gaps: 0 });
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ['a certificate of another CA', async () => receiver.start('other')],
  [
    'another token',
    async () => {
      await receiver.start();
      await writeFile(receiver.tokenFile, 'another\n');
    },
  ],
])('nothing is delivered to a receiver with %s, and all when that is mended', async (_, begin) => {
  await begin();
  await stage.calls(1);
  await using delivery = await stage.deliver();
  await sleep(700);
  expect(delivery.state.waiting).toBe(2);
  await receiver.stop();
  await receiver.start();
  await stage.expectAllThere(2);
});

test('an alarm is raised when the delivery stands still while something waits, and ends when it goes on', async () => {
  await using delivery = await stage.deliver({ ...receiver.config(), alarm_after_seconds: 1 });
  await sleep(1_200);
  expect(delivery.state.isAlarm).toBe(false);
  await stage.calls(1);
  await sleep(500);
  expect(delivery.state.isAlarm).toBe(false);
  await waitFor('the alarm', () => delivery.state.isAlarm);
  await receiver.start();
  await stage.expectAllThere(2);
  expect(delivery.state.isAlarm).toBe(false);
}, 20_000);
