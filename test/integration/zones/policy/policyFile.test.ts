import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { request } from '../policyServer/asking.ts';
import { everybody, PolicyStage } from './PolicyStage.ts';

const nobody = `@id("closed-today") @reason("closed today") forbid (principal, action, resource);\n`;
const faulty = `${everybody}@id("b")\npermit (principal, action, resource) when { context.colour == "red" };\n`;

test('a good new file is in force within a second, and told, whether it was replaced or written into', async () => {
  await using stage = await PolicyStage.open();
  const { engine, changes } = stage;
  const first = engine.revision;
  expect(await engine.decide(request)).toMatchObject({ effect: 'allow', policies: ['everybody'] });
  await stage.replace(nobody);
  await waitFor('the new policy', () => changes.length === 1);
  expect(changes).toEqual(['policy file']);
  expect(await engine.decide(request)).toMatchObject({ effect: 'deny', reason: 'closed today' });
  expect(engine.revision).not.toBe(first);
  await writeFile(stage.file, everybody);
  await waitFor('the old policy', () => changes.length === 2);
  expect(engine.revision).toBe(first);
});

test('a faulty new file leaves the old one in force, and is told once with line and reason', async () => {
  await using stage = await PolicyStage.open();
  const { engine, alarms, changes } = stage;
  await stage.replace(faulty);
  await waitFor('the alarm', () => alarms.length > 0);
  expect(alarms).toEqual([
    expect.stringMatching(/the old one stays: .*policy\.cedar:3:\d+: .*`colour`/) as string,
  ]);
  expect(await engine.decide(request)).toMatchObject({ effect: 'allow', policies: ['everybody'] });
  await writeFile(`${stage.file}.other`, 'something else in the folder');
  await sleep(400);
  expect(alarms).toHaveLength(1);
  expect(changes).toEqual([]);
});

test('who begins to listen later is told of the fault that is still there, and not of one that is mended', async () => {
  await using stage = await PolicyStage.open();
  await stage.replace(faulty);
  await waitFor('the alarm', () => stage.alarms.length === 1);
  const later: string[] = [];
  stage.engine.on('alarm', (text) => later.push(text));
  expect(later).toEqual(stage.alarms);
  await stage.replace(nobody);
  await waitFor('the new policy', () => stage.changes.length === 1);
  const last: string[] = [];
  stage.engine.on('alarm', (text) => last.push(text));
  expect(last).toEqual([]);
  await stage.replace(faulty);
  await waitFor('the same fault, told again', () => stage.alarms.length === 2);
});

test('a file that is gone leaves its policies in force, and is no change when it comes back', async () => {
  await using stage = await PolicyStage.open();
  await rm(stage.file);
  await waitFor('the alarm', () => stage.alarms.length === 1);
  expect(stage.alarms[0]).toMatch(/policy\.cedar cannot be read: ENOENT/);
  expect(await stage.engine.decide(request)).toMatchObject({ effect: 'allow' });
  await stage.replace(everybody);
  await sleep(400);
  expect(stage.changes).toEqual([]);
  const later: string[] = [];
  stage.engine.on('alarm', (text) => later.push(text));
  expect(later).toEqual([]);
});

test('a busy folder does not keep a new file from being used', async () => {
  await using stage = await PolicyStage.open();
  const busy = setInterval(() => void writeFile(`${stage.file}.log`, String(performance.now())), 50);
  await stage.replace(nobody);
  await waitFor('the new policy', () => stage.changes.length === 1);
  clearInterval(busy);
});

test('with faults it does not start, and all of them are named', async () => {
  const text = `permit (principal, action, resource);\n@id("x") @lobby("no") permit (principal, action, resource);`;
  const opening = PolicyStage.open({ text });
  await expect(opening).rejects.toThrow(/policy\.cedar:1:1: a policy needs a name/);
  await expect(opening).rejects.toThrow(/policy\.cedar:2:1: @lobby\("no"\) must be "true"/);
});

test('an engine that is closed denies, and closes as often as one likes', async () => {
  await using stage = await PolicyStage.open();
  await stage.engine.close('first');
  await stage.engine.close('second');
  await expect(stage.engine.whenClosed).resolves.toBe('first');
  expect(await stage.engine.decide(request)).toMatchObject({
    effect: 'deny',
    decidedBy: 'zone',
    policies: ['zone: stopping'],
  });
});
