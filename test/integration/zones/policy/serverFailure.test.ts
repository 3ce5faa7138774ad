import { expect, test } from 'vitest';
import type { PolicyRequest } from '#zones/policy/contract.ts';
import { decisionRecord } from '#zones/Visitor.ts';
import { policyServer, quick, request } from '../policyServer/asking.ts';
import { json, MisbehavingServer, type Behaviour } from '../policyServer/MisbehavingServer.ts';
import { PolicyStage } from './PolicyStage.ts';

const trouble: Behaviour = (response) => void response.writeHead(503).end();

async function stageWith(server: MisbehavingServer, rules: object): Promise<PolicyStage> {
  const asked = await policyServer(server, quick);
  const policy = { server: { protocol: 'json', url: server.url, ...quick, ...rules } };
  return PolicyStage.open({ text: hosts, policy, server: asked });
}

const hosts =
  '@id("hosts") @role("host") permit (principal, action, resource) when { resource.name != "locked" };';
const stay: PolicyRequest = { ...request, action: 'stay', inCall: true };
const dial: PolicyRequest = { ...request, action: 'dial', direction: 'out' };

test.each<[string, object, PolicyRequest, string, string]>([
  ['a new call is denied', {}, request, 'deny', 'on_failure: deny'],
  ['a new call is left to policy.cedar', { on_failure: 'local' }, request, 'allow', 'on_failure: local'],
  ['a call that is in ends', { on_failure: 'local' }, stay, 'deny', 'on_failure_during_call: end'],
  [
    'a call that is in is kept',
    { on_failure_during_call: 'keep' },
    stay,
    'allow',
    'on_failure_during_call: keep',
  ],
  [
    'a call that the zone makes is denied',
    { on_failure_during_call: 'keep' },
    dial,
    'deny',
    'on_failure: deny',
  ],
  [
    'a call that the zone has made is kept',
    { on_failure_during_call: 'keep' },
    { ...dial, inCall: true },
    'allow',
    'on_failure_during_call: keep',
  ],
])('when the server fails, %s, if the zone says so: %o', async (_what, rules, asked, effect, rule) => {
  await using server = await MisbehavingServer.start(trouble);
  await using stage = await stageWith(server, rules);
  const decision = await stage.engine.decide(asked);
  expect(decision).toMatchObject({
    effect,
    obligations: { role: effect === 'allow' ? 'host' : 'guest' },
    fallback: { failure: 'status 503', rule },
    decidedBy: effect === 'allow' ? 'cedar' : 'server',
    policies: [effect === 'allow' ? 'hosts' : `policy server: ${rule.split(':')[0] ?? ''}`],
  });
  expect(decisionRecord(decision)).toMatchObject({ effect, fallback: `status 503; ${rule}` });
});

test('what policy.cedar denies is not asked of the server, and no rule for its failure lets it in', async () => {
  await using server = await MisbehavingServer.start(trouble);
  await using stage = await stageWith(server, { on_failure: 'local' });
  const decision = await stage.engine.decide({ ...request, room: 'locked' });
  expect(decision).toMatchObject({ effect: 'deny', decidedBy: 'cedar' });
  expect(decision.fallback).toBeUndefined();
  expect(server.asked).toHaveLength(0);
});

test('a no of the server is no failure: it counts for new calls and those that are in, whatever the rules', async () => {
  await using server = await MisbehavingServer.start(json({ result: { allow: false, reason: 'not today' } }));
  await using stage = await stageWith(server, { on_failure: 'local', on_failure_during_call: 'keep' });
  for (const asked of [request, stay, dial]) {
    const decision = await stage.engine.decide(asked);
    expect(decision).toMatchObject({ effect: 'deny', decidedBy: 'server', reason: 'not today' });
    expect(decision.fallback).toBeUndefined();
  }
});

test('the server can take a role and the picture away, and give neither a role nor a way past the lobby', async () => {
  const answers = [{ role: 'guest', audio_only: true, display_name: 'Board' }, { role: 'host' }];
  await using server = await MisbehavingServer.start((response, ...rest) =>
    json({ result: { allow: true, ...answers.shift() } })(response, ...rest),
  );
  await using stage = await stageWith(server, {});
  expect(await stage.engine.decide(request)).toMatchObject({
    effect: 'allow',
    decidedBy: 'server',
    displayName: 'Board',
    obligations: { role: 'guest', audioOnly: true, lobby: false },
  });
  await stage.replace('@id("wait") @lobby("true") permit (principal, action, resource);');
  await expect.poll(() => stage.changes.length).toBe(1);
  expect(await stage.engine.decide(request)).toMatchObject({ obligations: { role: 'guest', lobby: true } });
});

test('that the server fails is told once, and again after it has been well', async () => {
  const behaviours = [trouble, trouble, json({ result: true }), trouble];
  await using server = await MisbehavingServer.start((...what) => behaviours.shift()?.(...what));
  await using stage = await stageWith(server, { on_failure_during_call: 'keep' });
  const told: number[] = [];
  for (let call = 0; call < 4; call += 1) {
    await stage.engine.decide(request);
    told.push(stage.alarms.length);
  }
  expect(told).toEqual([1, 1, 1, 2]);
  expect(stage.alarms[0]).toContain('on_failure: deny, on_failure_during_call: keep');
});
