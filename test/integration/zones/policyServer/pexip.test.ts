import { expect, test } from 'vitest';
import { request, verdictOf } from './asking.ts';
import { json, MisbehavingServer, type Behaviour } from './MisbehavingServer.ts';

type Answers = Readonly<Partial<Record<'service' | 'participant' | 'location', unknown>>>;

const conference = { name: 'welcome', service_tag: 'tag', service_type: 'conference' };
const goOn = { status: 'success', action: 'continue' };

/** A server that answers each request of Pexip's as it is told, and `continue` otherwise. */
function answering(answers: Answers): Promise<MisbehavingServer> {
  const behave: Behaviour = (response, incoming, asked) => {
    const kind = /\/policy\/v1\/(service|participant)\/(location)?/.exec(asked.url.pathname);
    const which = kind?.[2] === 'location' ? 'location' : (kind?.[1] as 'service' | 'participant');
    json(which in answers ? answers[which] : goOn)(response, incoming, asked);
  };
  return MisbehavingServer.start(behave);
}

async function verdict(answers: Answers): ReturnType<typeof verdictOf> {
  await using server = await answering(answers);
  return await verdictOf(server, { protocol: 'pexip' });
}

test('the three requests come in order, by GET, with the names that Pexip gives them', async () => {
  await using server = await answering({});
  expect(await verdictOf(server, { protocol: 'pexip' })).toEqual({
    outcome: 'continue',
    reason: 'the policy server allows it',
  });
  expect(server.asked.map(({ method, url }) => [method, url.pathname])).toEqual([
    ['GET', '/policy/v1/service/configuration'],
    ['GET', '/policy/v1/participant/properties'],
    ['GET', '/policy/v1/participant/location'],
  ]);
  const [service, participant] = server.asked.map(({ url }) => Object.fromEntries(url.searchParams));
  expect(service).toMatchObject({
    call_direction: 'dial_in',
    local_alias: 'welcome',
    location: 'meetme',
    node_ip: 'meet.example.org',
    protocol: 'sip',
    remote_address: '198.51.100.7',
    remote_alias: 'sip:ann@acme.example',
    remote_display_name: 'Ann Example',
    service_name: 'welcome',
  });
  expect(participant).toMatchObject({ participant_type: 'standard', preauthenticated_role: 'chair' });
});

test('the location is asked for when a call is set up, and not when it is decided again', async () => {
  const dial = { action: 'dial', direction: 'out' } as const;
  const requests = async (changes: Partial<typeof request>): Promise<(string | undefined)[]> => {
    await using server = await answering({});
    await verdictOf(server, { protocol: 'pexip' }, { ...request, ...changes });
    return server.asked.map(({ url }) => url.pathname.split('/').at(-1));
  };
  expect(await requests(dial)).toEqual(['configuration', 'properties', 'location']);
  expect(await requests({ action: 'stay' })).toEqual(['configuration', 'properties']);
  expect(await requests({ ...dial, inCall: true })).toEqual(['configuration', 'properties']);
});

test('texts are cut after 250 characters, as Pexip does', async () => {
  await using server = await answering({});
  const name = 'n'.repeat(1_000);
  await verdictOf(server, { protocol: 'pexip' }, { ...request, caller: { name } });
  expect(server.asked[0]?.url.searchParams.get('remote_display_name')).toHaveLength(250);
});

test.each<[string, Answers, unknown]>([
  ['a service of this room', { service: { status: 'success', result: conference } }, { outcome: 'continue' }],
  [
    'a service with action reject, which counts for nothing beside a valid result',
    { service: { status: 'success', action: 'reject', result: conference } },
    { outcome: 'continue' },
  ],
  [
    'audio only',
    { service: { status: 'success', result: { ...conference, call_type: 'audio' } } },
    { outcome: 'continue', audioOnly: true },
  ],
  [
    'a name and the role of a guest',
    {
      participant: {
        status: 'success',
        result: { remote_display_name: 'Board', preauthenticated_role: 'guest' },
      },
    },
    { outcome: 'continue', displayName: 'Board', role: 'guest' },
  ],
  [
    'looks and defaults of Pexip',
    {
      service: {
        status: 'success',
        result: {
          ...conference,
          host_view: 'one_main_seven_pips',
          pin: '',
          crypto_mode: 'besteffort',
          locked: false,
        },
      },
    },
    { outcome: 'continue' },
  ],
  ['what it logs for itself', { service: { ...goOn, ruleset: 17 } }, { outcome: 'continue' }],
])('is content with %s', async (_what, answers, expected) => {
  expect(await verdict(answers)).toMatchObject(expected as object);
});

test.each<[string, Answers, string]>([
  [
    'service/configuration',
    { service: { status: 'success', action: 'reject' } },
    'the policy server rejects it',
  ],
  [
    'service/configuration with a result that is none',
    { service: { status: 'success', action: 'reject', result: { reject_reason: 'not on Sundays' } } },
    'not on Sundays',
  ],
  [
    'service/configuration to elsewhere',
    { service: { status: 'success', action: 'redirect', result: {} } },
    'sends the caller elsewhere',
  ],
  [
    'participant/properties, also beside a valid result',
    { participant: { status: 'success', action: 'reject', result: { reject_reason: 'no such person' } } },
    'no such person',
  ],
])('a no of %s denies', async (_what, answers, reason) => {
  expect(await verdict(answers)).toEqual({
    outcome: 'deny',
    reason: expect.stringContaining(reason) as string,
  });
});

test.each<[string, Answers, string]>([
  [
    'no status',
    { service: { action: 'continue' } },
    'service/configuration: not an answer of a policy server',
  ],
  [
    'another status',
    { participant: { status: 'failed', action: 'continue' } },
    'participant/properties: not an answer',
  ],
  ['a list', { service: [] }, 'not an answer of a policy server'],
  ['null', { service: null }, 'not an answer of a policy server'],
  ['neither result nor action', { service: { status: 'success' } }, 'neither a result nor an action'],
  [
    'an action that is none',
    { service: { status: 'success', action: 'maybe' } },
    'not an answer of a policy server',
  ],
  [
    'a result without what is required',
    { service: { status: 'success', result: { name: 'welcome' } } },
    'service_tag',
  ],
  [
    'a result of the wrong type',
    { participant: { status: 'success', result: { remote_display_name: 7 } } },
    'remote_display_name',
  ],
  [
    'a role that is none',
    { participant: { status: 'success', result: { preauthenticated_role: 'king' } } },
    'preauthenticated_role',
  ],
  [
    'another room',
    { service: { status: 'success', result: { ...conference, name: 'other' } } },
    'another room',
  ],
  [
    'a gateway call',
    { service: { status: 'success', result: { ...conference, service_type: 'gateway' } } },
    'service_type gateway',
  ],
  [
    'a service type that is none',
    { service: { status: 'success', result: { ...conference, service_type: 'party' } } },
    'service_type',
  ],
  [
    'a theme by name',
    { service: { status: 'success', result: { ...conference, ivr_theme_name: 'Blue' } } },
    'ivr_theme_name',
  ],
  ['a PIN', { service: { status: 'success', result: { ...conference, pin: '1234' } } }, 'pin'],
  ['a locked room', { service: { status: 'success', result: { ...conference, locked: true } } }, 'locked'],
  [
    'encryption that must be',
    { service: { status: 'success', result: { ...conference, crypto_mode: 'on' } } },
    'crypto_mode',
  ],
  [
    'a field that nobody knows',
    { participant: { status: 'success', result: { may_speak: 'no' } } },
    'may_speak',
  ],
  [
    'another location',
    { location: { status: 'success', result: { location: 'Oslo' } } },
    'location other than this zone',
  ],
  ['a reject of a location', { location: { status: 'success', action: 'reject' } }, 'has no action reject'],
])('what Pexip falls back on for %s is a failure here', async (_what, answers, failure) => {
  const said = await verdict(answers);
  expect(said).toEqual({ outcome: 'failed', failure: expect.stringContaining(failure) as string });
});

test('a no to a call of the zone’s own denies it too, where Pexip would go on', async () => {
  await using server = await answering({ service: { status: 'success', action: 'reject' } });
  const said = await verdictOf(
    server,
    { protocol: 'pexip' },
    { ...request, action: 'dial', direction: 'out' },
  );
  expect(said).toMatchObject({ outcome: 'deny' });
  expect(server.asked[0]?.url.searchParams.get('call_direction')).toBe('dial_out');
});
