import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { createResponse } from '#signaling/sip/stack/message/index.ts';
import type { Target, Transports } from '#signaling/sip/stack/transport/index.ts';
import { callIdsOf, next, openTransports, optionsRequest } from './support.ts';

function pem(name: string): string {
  return readFileSync(new URL(`../../../../../fixtures/sip/tls/${name}.pem`, import.meta.url), 'utf8');
}

const ca = pem('ca');
const client = { ca, cert: pem('client'), key: pem('client.key') };

/** A TLS port whose connections go to `transports`, as a zone's does. */
async function serve(transports: Transports, name: string): Promise<Server & AsyncDisposable> {
  const server = createServer({ cert: pem(name), key: pem(`${name}.key`), ca, requestCert: true });
  server.on('secureConnection', (socket: TLSSocket) => {
    const { remoteAddress = '', remotePort = 0 } = socket;
    transports.accept(socket, {
      transport: 'tls',
      remote: { address: remoteAddress, port: remotePort },
      sentBy: 'partner.example:5061',
      tls: { version: socket.getProtocol() ?? '', cipher: socket.getCipher().name },
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function targetOf(server: Server, domain: string): Target {
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return { transport: 'tls', address: '127.0.0.1', port, domain };
}

test('a verified peer is reached, requests and answers share the connection', async () => {
  await using theirs = openTransports();
  await using server = await serve(theirs, 'partner');
  await using ours = openTransports({ tlsClient: () => client, sentBy: { tls: 'zone.example:5061' } });
  theirs.on('request', (request, flow) => flow.send(createResponse(request, 200).toBuffer()));
  const answered = next(ours, 'response');
  const flow = await ours.flowTo(targetOf(server, 'partner.example'));
  expect(flow.sentBy).toBe('zone.example:5061');
  expect(flow.tls).toMatchObject({ version: 'TLSv1.3', serverName: 'partner.example' });
  flow.send(optionsRequest());
  const [response, over] = await answered;
  expect(response.status).toBe(200);
  expect(over).toBe(flow);
});

test('a numeric target is verified by the addresses in the certificate', async () => {
  await using theirs = openTransports();
  await using server = await serve(theirs, 'partner');
  await using ours = openTransports({ tlsClient: () => client });
  await expect(ours.flowTo(targetOf(server, '127.0.0.1'))).resolves.toMatchObject({ transport: 'tls' });
});

test.each([
  ['the name of somebody else', 'partner', 'other.example'],
  ['a certificate by an unknown CA', 'stranger', 'partner.example'],
])('a peer with %s is not reached', async (_what, certificate, domain) => {
  await using theirs = openTransports();
  await using server = await serve(theirs, certificate);
  const careless = { ...client, rejectUnauthorized: false, checkServerIdentity: () => undefined };
  await using ours = openTransports({ tlsClient: () => careless });
  const callIds = callIdsOf(theirs);
  await expect(ours.flowTo(targetOf(server, domain))).rejects.toMatchObject({ code: 'unreachable' });
  expect(callIds).toEqual([]);
});

test('two domains at one address get a connection each, since each is verified by its own name', async () => {
  await using theirs = openTransports();
  await using server = await serve(theirs, 'partner');
  await using ours = openTransports({ tlsClient: () => client });
  const byName = await ours.flowTo(targetOf(server, 'partner.example'));
  expect(await ours.flowTo(targetOf(server, 'PARTNER.example'))).toBe(byName);
  expect(await ours.flowTo(targetOf(server, '127.0.0.1'))).not.toBe(byName);
});

test('a connection that a TLS peer opened is not used to reach him anew, only found by its calls (RFC 5923)', async () => {
  await using theirs = openTransports();
  await using server = await serve(theirs, 'partner');
  await using ours = openTransports({ tlsClient: () => client });
  const arrived = next(theirs, 'request');
  const flow = await ours.flowTo(targetOf(server, 'partner.example'));
  flow.send(optionsRequest());
  const [, incoming] = await arrived;
  expect(theirs.findFlow('tls', incoming.remote)).toBe(incoming);
  const anew = theirs.flowTo({ transport: 'tls', domain: '127.0.0.1', ...incoming.remote });
  await expect(anew).rejects.toMatchObject({ code: 'unreachable' });
});
