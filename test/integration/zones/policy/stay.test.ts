import { expect, test } from 'vitest';
import { policyServer, quick, request } from '../policyServer/asking.ts';
import { json, MisbehavingServer } from '../policyServer/MisbehavingServer.ts';
import { PolicyStage } from './PolicyStage.ts';

const lobby = '@id("wait") @lobby("true") permit (principal, action, resource);';
const hosts = '@id("hosts") @role("host") permit (principal, action, resource);';

test('who would have to wait for a host’s word may join by the lobby, and not stay without that word', async () => {
  await using stage = await PolicyStage.open({ text: lobby });
  const decide = (action: 'join' | 'stay', ...possession: readonly ('approved' | 'host-pin')[]) =>
    stage.engine.decide({ ...request, action, evidence: { ...request.evidence, possession } });
  expect(await decide('join')).toMatchObject({ effect: 'allow', obligations: { lobby: true } });
  expect(await decide('stay')).toMatchObject({
    effect: 'deny',
    policies: ['wait'],
    reason: 'would have to be admitted by a host now (allowed by wait)',
  });
  expect(await decide('stay', 'approved')).toMatchObject({ effect: 'allow' });
  expect(await decide('stay', 'host-pin')).toMatchObject({ effect: 'allow' });
  await stage.replace(`${lobby} ${hosts}`);
  await expect.poll(() => stage.changes.length).toBe(1);
  expect(await decide('stay')).toMatchObject({ effect: 'allow', obligations: { role: 'host' } });
});

test('of whom the server makes a guest who would have to wait, it is the same', async () => {
  await using server = await MisbehavingServer.start(json({ result: { allow: true, role: 'guest' } }));
  const policy = { server: { protocol: 'json', url: server.url, ...quick } };
  const asked = await policyServer(server, quick);
  await using stage = await PolicyStage.open({ text: `${lobby} ${hosts}`, policy, server: asked });
  expect(await stage.engine.decide({ ...request, action: 'stay', inCall: true })).toMatchObject({
    effect: 'deny',
  });
  expect(await stage.engine.decide(request)).toMatchObject({ effect: 'allow' });
});

test('in a room without hosts nobody stays by being called one', async () => {
  const more = { rooms: [{ name: 'welcome', hosts: 'nobody' }] };
  await using stage = await PolicyStage.open({ text: `${lobby} ${hosts}`, more });
  expect(await stage.engine.decide({ ...request, action: 'stay' })).toMatchObject({ effect: 'deny' });
});
