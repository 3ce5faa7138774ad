import { expect, test } from 'vitest';
import { request, verdictOf } from './asking.ts';
import { json, MisbehavingServer } from './MisbehavingServer.ts';

async function verdict(answer: unknown): ReturnType<typeof verdictOf> {
  await using server = await MisbehavingServer.start(json(answer));
  return await verdictOf(server, {});
}

test('the whole request is posted as OPA’s data API takes it, to just the address that is configured', async () => {
  await using server = await MisbehavingServer.start(json({ result: true }));
  await verdictOf({ url: `${server.url}/v1/data/zonebridge/join?metrics=false` }, {});
  const [asked] = server.asked;
  expect([asked?.method, asked?.url.pathname, asked?.url.search]).toEqual([
    'POST',
    '/v1/data/zonebridge/join',
    '?metrics=false',
  ]);
  expect(JSON.parse(asked?.body ?? '')).toEqual({ input: request });
});

test.each([
  [{ result: true }, { outcome: 'continue', reason: 'the policy server allows it' }],
  [{ result: false }, { outcome: 'deny', reason: 'the policy server does not allow it' }],
  [
    { result: true, decision_id: 'x', metrics: {} },
    { outcome: 'continue', reason: 'the policy server allows it' },
  ],
  [{ result: { allow: false, reason: 'not today' } }, { outcome: 'deny', reason: 'not today' }],
  [
    { result: { allow: true, reason: 'member', role: 'guest', audio_only: true, display_name: 'Board' } },
    { outcome: 'continue', reason: 'member', role: 'guest', audioOnly: true, displayName: 'Board' },
  ],
])('%j is an answer', async (answer, expected) => {
  expect(await verdict(answer)).toEqual(expected);
});

test.each([
  [{}],
  [{ result: null }],
  [{ result: 'true' }],
  [{ result: 1 }],
  [{ result: [] }],
  [{ result: {} }],
  [{ result: { allow: 'yes' } }],
  [{ result: { allow: true, lobby: true } }],
  [{ result: { allow: true, role: 'king' } }],
  [{ result: { allow: true, display_name: '' } }],
  [{ result: { allow: true, reason: 'r'.repeat(251) } }],
  [true],
  [null],
  [[]],
])('%j is none: a policy that is undefined allows nothing', async (answer) => {
  const said = await verdict(answer);
  expect(said).toEqual({
    outcome: 'failed',
    failure: expect.stringContaining('not an answer of OPA') as string,
  });
});
