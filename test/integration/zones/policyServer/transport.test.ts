import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestCa, issueCertificate } from '#src/testCa/issue.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { allowed, policyServer, quick, request, verdictOf } from './asking.ts';
import { json, MisbehavingServer, type Behaviour } from './MisbehavingServer.ts';

const yes = { result: true };

/** Headers, then so much of an answer as is given. */
function partly(text: string, then: (response: Parameters<Behaviour>[0]) => void): Behaviour {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write(text, () => then(response));
  };
}

const misbehaviours: Readonly<Record<string, readonly [Behaviour, RegExp]>> = {
  'says nothing': [() => undefined, /^no answer within 300 ms$/],
  'sends its head and then nothing': [partly('{"res', () => undefined), /^no answer within 300 ms$/],
  'sends a byte at a time': [
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    },
    /^no answer within 300 ms$/,
  ],
  'breaks off in the middle': [
    partly('{"result": tr', (response) => void setTimeout(() => response.destroy(), 20)),
    /broke in the middle/,
  ],
  'ends before what it announced': [
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"result": true}', () => response.socket?.end());
    },
    /broke in the middle/,
  ],
  'answers half of its JSON': [
    (response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"result": tr');
    },
    /the body is not JSON/,
  ],
  'answers garbage': [
    (response) => {
      response.setHeader('content-type', 'application/json');
      response.end(Buffer.from([0, 255, 3]));
    },
    /the body is not JSON/,
  ],
  'does not speak HTTP': [
    (response) => void response.socket?.end('220 mail ready\r\n'),
    /the connection failed/,
  ],
  'answers as HTML': [
    (response) => {
      response.setHeader('content-type', 'text/html');
      response.end('{"result": true}');
    },
    /content type is not application\/json but text\/html/,
  ],
  'says no content type': [(response) => void response.end('{"result": true}'), /but none/],
  'never ends its answer': [
    (response) => {
      response.setHeader('content-type', 'application/json');
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    },
    /more than 65536 bytes/,
  ],
  redirects: [
    (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    /^status 302, and redirects are not followed$/,
  ],
  'redirects for good': [
    (response) => void response.writeHead(308, { location: '/elsewhere' }).end(),
    /^status 308, and redirects are not followed$/,
  ],
  'knows no such thing': [(response) => void response.writeHead(404).end(), /^status 404$/],
  'wants a password': [(response) => void response.writeHead(401).end(), /^status 401$/],
  'is in trouble': [(response) => void response.writeHead(500).end('{"result": true}'), /^status 500$/],
  'answers without content': [(response) => void response.writeHead(204).end(), /^status 204$/],
};

test.each(Object.entries(misbehaviours))(
  'a server that %s has failed, soon and readably',
  async (_name, [behave, failure]) => {
    await using server = await MisbehavingServer.start(behave);
    const startedMs = performance.now();
    const verdict = await verdictOf(server, quick);
    expect(verdict).toEqual({ outcome: 'failed', failure: expect.stringMatching(failure) as string });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(JSON.stringify(verdict)).not.toMatch(/Ann|acme/);
  },
);

test('a server that is gone has failed, and a later one on the same port is asked again', async () => {
  const gone = await MisbehavingServer.start(json(yes));
  await using client = await policyServer(gone, quick);
  expect(await client.decide(request, allowed)).toMatchObject({ outcome: 'continue' });
  await gone[Symbol.asyncDispose]();
  expect(await client.decide(request, allowed)).toEqual({
    outcome: 'failed',
    failure: expect.stringMatching(/^the connection failed \(ECONN(REFUSED|RESET)\)$/) as string,
  });
});

test('trouble is tried again as often as configured, and what is plainly wrong is not', async () => {
  const troubled: Behaviour[] = [(response) => void response.writeHead(503).end(), json(yes)];
  await using server = await MisbehavingServer.start((...what) => troubled.shift()?.(...what));
  expect(await verdictOf(server, { retries: 1 })).toMatchObject({ outcome: 'continue' });
  expect(server.asked).toHaveLength(2);
  await using wrong = await MisbehavingServer.start((response) => void response.writeHead(404).end());
  expect(await verdictOf(wrong, { retries: 3 })).toMatchObject({ outcome: 'failed' });
  expect(wrong.asked).toHaveLength(1);
});

test('all requests of a decision together take no longer than the tries of one', async () => {
  await using server = await MisbehavingServer.start((response, incoming, asked) => {
    setTimeout(() => json({ status: 'success', action: 'continue' })(response, incoming, asked), 250);
  });
  expect(await verdictOf(server, { protocol: 'pexip', timeout_ms: 300, retries: 1 })).toEqual({
    outcome: 'failed',
    failure: expect.stringMatching(/^no answer within \d+ ms$/) as string,
  });
});

test('connections are kept, and closed with the zone', async () => {
  await using server = await MisbehavingServer.start(json(yes));
  const client = await policyServer(server, {});
  for (let call = 0; call < 3; call += 1) await client.decide(request, allowed);
  expect(await server.connections()).toBe(1);
  await client.close('the zone stops');
  await waitFor('the end of the connection', async () => (await server.connections()) === 0);
  expect(await client.decide(request, allowed)).toEqual({
    outcome: 'failed',
    failure: 'the zone is stopping',
  });
});

test('a server with TLS is known by its CA and its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-policy-'));
  const [ca, other] = [await createTestCa(), await createTestCa()];
  const right = await issueCertificate(ca, ['localhost', '127.0.0.1']);
  const wrongName = await issueCertificate(ca, ['elsewhere.localhost']);
  const caFile = join(folder, 'ca.pem');
  const otherFile = join(folder, 'other.pem');
  await writeFile(caFile, ca.certificate);
  await writeFile(otherFile, other.certificate);
  await using server = await MisbehavingServer.start(json(yes), { cert: right.certificate, key: right.key });
  await using named = await MisbehavingServer.start(json(yes), {
    cert: wrongName.certificate,
    key: wrongName.key,
  });
  expect(await verdictOf(server, { ca: caFile })).toEqual({
    outcome: 'continue',
    reason: 'the policy server allows it',
  });
  for (const [asked, file] of [
    [server, otherFile],
    [server, undefined],
    [named, caFile],
  ] as const) {
    const verdict = await verdictOf(asked, file === undefined ? {} : { ca: file });
    expect(verdict).toEqual({
      outcome: 'failed',
      failure: expect.stringContaining('the connection failed') as string,
    });
  }
  expect(server.asked).toHaveLength(1);
  expect(named.asked).toHaveLength(0);
  await rm(folder, { recursive: true });
});

test('it shows its password, and a file that is missing is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-policy-'));
  const file = join(folder, 'password');
  await writeFile(file, 'correct horse\n');
  await using server = await MisbehavingServer.start(json(yes));
  await verdictOf(server, { username: 'zone', password_file: file });
  const basic = Buffer.from('zone:correct horse').toString('base64');
  expect(server.asked[0]?.authorization).toBe(`Basic ${basic}`);
  await rm(folder, { recursive: true });
  await expect(policyServer(server, { password_file: file })).rejects.toThrow(
    `${file}, which policy.server names`,
  );
});
