import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RecordsFixture } from '#test/integration/zones/cdr/RecordsFixture.ts';
import type { Receiver } from '#test/support/Receiver.ts';
import { waitFor } from '#test/support/waitFor.ts';
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

/** As a full disk: what is beyond is not written, the first part of it is. */
async function limitFiles(bytes: number | 'unlimited'): Promise<void> {
  await run('prlimit', ['--pid', String(receiver.processId), `--fsize=${bytes}:unlimited`]);
}

test('a disk that is full in the middle of a record leaves nothing half written behind', async () => {
  await receiver.start();
  await using delivery = await stage.deliver();
  await stage.calls(1);
  await stage.expectAllThere(2);
  const chain = join(await receiver.streamFolder(), 'chain.jsonl');
  const { size } = await stat(chain);
  await limitFiles(Math.round(size * 1.2));
  await stage.calls(2);
  await waitFor('some of it is written', async () => (await stat(chain)).size > size * 1.1);
  expect(await receiver.state()).toMatchObject({ sequence: 2 });
  expect(delivery.state.waiting).toBe(4);
  await limitFiles('unlimited');
  await stage.expectAllThere(6);
  await receiver.stop();
  await receiver.start();
  await stage.calls(1);
  await stage.expectAllThere(8);
}, 30_000);

test('a file that cannot be read, or is damaged, is not taken for an empty one', async () => {
  await receiver.start();
  await using _ = await stage.deliver();
  await stage.calls(2);
  await stage.expectAllThere(4);
  await receiver.stop();
  const chain = join(await receiver.streamFolder(), 'chain.jsonl');
  const lines = (await readFile(chain, 'utf8')).split('\n');
  await writeFile(chain, lines.with(2, 'nonsense').join('\n'));
  await expect(receiver.start()).rejects.toThrow('has not started');
  expect(receiver.errors).toMatch(/chain\.jsonl is damaged after record 2: put it back from a copy/);
  await rm(chain);
  await mkdir(chain);
  await expect(receiver.start()).rejects.toThrow('has not started');
  expect(receiver.errors).toMatch(/EISDIR/);
  await rm(chain, { recursive: true });
  await writeFile(chain, lines.join('\n'));
  await receiver.start();
  await stage.calls(1);
  await stage.expectAllThere(6);
}, 30_000);

test('a folder that is moved aside while the receiver runs begins anew with all that the zone has', async () => {
  await receiver.start();
  await using _ = await stage.deliver();
  await stage.calls(2);
  await stage.expectAllThere(4);
  await rename(await receiver.streamFolder(), join(fixture.dataDir, 'aside'));
  await stage.calls(1);
  await stage.expectAllThere(6);
  await receiver.stop();
  await receiver.start();
  await stage.calls(1);
  await stage.expectAllThere(8);
}, 30_000);

test('of a receiver that is not there the log has the code, and no address', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
  await using _ = await stage.deliver(receiver.config(), log);
  await stage.calls(1);
  await waitFor('it is told', () => lines.length > 0);
  expect(lines.join()).toContain('the receiver cannot be reached (ECONNREFUSED)');
  expect(lines.join()).not.toMatch(/127\.0\.0\.1/);
});

test('other records under numbers that were taken are refused, and wait', async () => {
  await receiver.start();
  const delivery = await stage.deliver();
  await stage.calls(1);
  await stage.expectAllThere(2);
  const copy = join(fixture.dataDir, 'copy');
  await fixture.records.close('test');
  await delivery.close('test');
  await cp(fixture.folder, copy, { recursive: true });
  await fixture.reopen();
  const before = await stage.deliver();
  await stage.calls(1);
  await stage.expectAllThere(4);
  await before.close('test');
  await fixture.records.close('test');
  // As from a backup.
  await rm(fixture.folder, { recursive: true });
  await cp(copy, fixture.folder, { recursive: true });
  await fixture.reopen();
  await using after = await stage.deliver();
  await stage.calls(2);
  await waitFor('it was refused', () =>
    receiver.errors.includes('record 3 is another than the one that is here'),
  );
  expect(after.state.waiting).toBe(4);
  expect(await receiver.state()).toMatchObject({ sequence: 4 });

  // As docs/delivery.md says: the stream is moved aside, and begins anew with all that the zone has.
  await receiver.stop();
  await rm(await receiver.streamFolder(), { recursive: true });
  await receiver.start();
  await stage.expectAllThere(6);
}, 60_000);
