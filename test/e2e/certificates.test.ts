import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Certificates } from '#test/support/Certificates.ts';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { Server } from '#test/support/Server.ts';
import { SipClient, type SipMessage } from '#test/support/SipClient.ts';
import { openRecords } from '#zones/cdr/index.ts';

const right = { san: 'URI:sip:partner.example' };
const orders = {
  right,
  user: { san: 'URI:sip:ann@partner.example' },
  wildcard: { san: 'DNS:*.partner.example' },
  cnbeside: { subject: '/CN=partner.example', san: 'email:ann@partner.example' },
  expired: { ...right, to: '20210101000000Z' },
  usage: { ...right, usage: 'serverAuth' },
  strange: { ...right, ca: 'other' },
  revoked: right,
} as const;
const faults = {
  user: 'no-sip-identity',
  wildcard: 'no-sip-identity',
  cnbeside: 'no-sip-identity',
  expired: 'expired',
  usage: 'wrong-purpose',
  strange: 'untrusted',
  revoked: 'revoked',
} as const;
const offer =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=rtcp-mux\r\n';

async function start(certificates: Certificates): Promise<Server> {
  return Server.start([], (zone) => {
    zone.media.plain_rtp = { reason: 'The callers of this test send no media.' };
    if (zone.name !== 'meetme') return;
    zone.tls.client_ca = certificates.path('ca.pem');
    zone.identity = { revocation: { crls: [certificates.path('ca.crl')] } };
    zone.guests.model = 'deny';
    const agreement = { contact: 'video@partner.example', agreement: '2026-17', expires: '2099-12-31' };
    zone.partners = [{ name: 'partner', domains: ['partner.example'], ...agreement }];
  });
}

/** What it answers a call with this certificate; as the far end reads it, without what is new in each. */
async function answered(server: Server, certificates: Certificates, name: string): Promise<SipMessage> {
  await using phone = await SipClient.connect(server.sip('meetme', 'welcome'), server.ready.ca, {
    user: name,
    cert: await readFile(certificates.path(`${name}.pem`)),
    key: await readFile(certificates.path(`${name}.key`)),
  });
  const answer = await phone.invite(offer);
  if (answer.startLine.includes(' 200 ')) await phone.bye();
  return answer;
}

function withoutWhatIsNew({ startLine, headers, body }: SipMessage): unknown {
  const own = ['via', 'from', 'to', 'call-id', 'cseq', 'date'];
  return { startLine, headers: [...headers].filter(([name]) => !own.includes(name)), body };
}

test('of all certificates only the right one gets in; the record names each fault, the far end is told none', async () => {
  await using certificates = await Certificates.create('ca', 'other');
  await certificates.issueAll(orders);
  await certificates.revoke('ca', 'revoked');
  await using server = await start(certificates);
  const answers = new Map<string, SipMessage>();
  for (const name of Object.keys(orders)) answers.set(name, await answered(server, certificates, name));
  expect(answers.get('right')?.startLine).toBe('SIP/2.0 200 OK');
  answers.delete('right');
  const refusals = [...answers.values()].map((answer) => JSON.stringify(withoutWhatIsNew(answer)));
  expect(new Set(refusals).size).toBe(1);
  expect(refusals[0]).toMatch(/SIP\/2\.0 40[34]/);
  await server.stop();
  const records = await openRecords(join(server.dataDir, 'zones', 'meetme'), testOwnerIdentity);
  const userOf = (uri: string | undefined): string => /sip:(\w+)@/.exec(uri ?? '')?.[1] ?? '';
  const started = records.filter(({ type }) => type === 'leg-start');
  expect(started.map(({ uri, party }) => [userOf(uri), party])).toEqual([['right', 'partner']]);
  const refused = records.filter(({ type }) => type === 'attempt-refused');
  expect(Object.fromEntries(refused.map(({ uri, system_fault: fault }) => [userOf(uri), fault]))).toEqual(
    faults,
  );
  for (const { cause, decided_by: by, decision_policies: policies } of refused)
    expect({ cause, by, policies }).toEqual({ cause: 'forbidden', by: 'guests', policies: ['guests: deny'] });
});
