import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  json,
  MisbehavingServer,
  type Behaviour,
} from '#test/integration/zones/policyServer/MisbehavingServer.ts';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { SipClient } from '#test/support/SipClient.ts';
import { Stage } from '#test/support/Stage.ts';
import { openRecords } from '#zones/cdr/index.ts';

const offer =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=rtcp-mux\r\n';
const timeoutMs = 400;

const allow = json({ result: true });
const troubles: Readonly<Record<string, Behaviour>> = {
  slow: (response) => void setTimeout(() => response.end(), 3 * timeoutMs).unref(),
  'status 500': (response) => void response.writeHead(500).end(),
  redirect: (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  garbage: (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"resu'),
  'another type': (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>yes'),
  'unknown names': json({ result: { allow: true, audio_onyl: true } }),
  'no result': json({ decision: true }),
  'broken off': (response) => void response.destroy(),
};

/** What the record says of each of these. */
const failures: Readonly<Record<keyof typeof troubles, RegExp>> = {
  slow: /no answer within/,
  'status 500': /status 500/,
  redirect: /status 302, and redirects are not followed/,
  garbage: /not JSON/,
  'another type': /text\/html/,
  'unknown names': /audio_onyl/,
  'no result': /not an answer/,
  'broken off': /the connection failed/,
  gone: /ECONNREFUSED/,
};

function expectWritten(records: Awaited<ReturnType<typeof openRecords>>): void {
  for (const [trouble, failure] of Object.entries(failures)) {
    const user = `sip:${trouble.replace(' ', '-')}@`;
    const record = records.find(
      ({ type, uri }) => type === 'attempt-refused' && uri?.startsWith(user) === true,
    );
    expect(record, trouble).toMatchObject({
      cause: 'forbidden',
      decision_effect: 'deny',
      decision_policies: ['policy server: on_failure'],
    });
    expect(record?.decision_fallback, trouble).toMatch(failure);
    expect(record?.decision_fallback, trouble).toMatch(/; on_failure: deny$/);
  }
  expect(records.find(({ type, cause }) => type === 'leg-end' && cause === 'policy-ended')).toBeDefined();
  const changes = records.filter(({ change }) => change === 'no longer allowed');
  expect(changes).toMatchObject([
    { decision_fallback: expect.stringMatching(/on_failure_during_call: end$/) as string },
  ]);
}

test('while its policy server fails in any way a zone denies, writes why, and keeps or ends calls as its owner has written', async () => {
  let behave = allow;
  await using server = await MisbehavingServer.start((...of) => behave(...of));
  await using stage = await Stage.start([], (zone) => {
    const rule = zone.name === 'core' ? 'keep' : 'end';
    const { file } = zone.policy;
    zone.policy = {
      ...{ file, recheck_seconds: 5, warning_seconds: 1 },
      server: {
        protocol: 'json',
        url: server.url,
        timeout_ms: timeoutMs,
        retries: 0,
        on_failure_during_call: rule,
      },
    };
    zone.media.plain_rtp = { reason: 'Those who are refused send no media.' };
  });
  const phones = {
    core: await stage.phone({ toneHz: 440, name: 'Kept' }, 'boardroom', 'core'),
    meetme: await stage.phone({ toneHz: 440, name: 'Ended' }),
  };
  const attempt = async (user: string): Promise<string> => {
    const target = stage.server.sip('meetme', 'welcome');
    await using phone = await SipClient.connect(target, stage.server.ready.ca, {
      user,
      servername: 'meetme.localhost',
    });
    return (await phone.invite(offer)).startLine;
  };
  for (const [trouble, behaviour] of Object.entries(troubles)) {
    behave = behaviour;
    expect(await attempt(trouble.replace(' ', '-')), trouble).toMatch(/^SIP\/2\.0 404 /);
  }
  await phones.meetme.whenEnded(15_000);
  expect(phones.meetme.output).toMatch(/BYE sip:[^]*?Reason: SIP;cause=403/);
  await server[Symbol.asyncDispose]();
  expect(await attempt('gone')).toMatch(/^SIP\/2\.0 404 /);
  // Longer than it takes to decide again.
  await sleep(6_000);
  expect(phones.core.output).not.toContain('BYE sip:');
  await stage.server.stop();

  expectWritten(await openRecords(join(stage.server.dataDir, 'zones', 'meetme'), testOwnerIdentity));
}, 120_000);
