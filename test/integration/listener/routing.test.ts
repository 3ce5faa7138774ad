import { once } from 'node:events';
import { expect, test } from 'vitest';
import { realHello } from '#test/unit/src/listener/helloBytes.ts';
import { FrontDoor } from './FrontDoor.ts';

test('each name leads to its zone, on both ports, and the connection is of the same client', async () => {
  await using door = await FrontDoor.open();
  for (const name of ['own', 'shared']) {
    for (const protocol of ['sip', 'https'] as const) {
      const greeting = await door.greeting(door.ports[protocol], { servername: `${name}.localhost` });
      expect(greeting).toMatchObject({ name, protocol, tls: { group: 'X25519MLKEM768' } });
      expect(greeting.remote).toEqual({ address: '127.0.0.1', port: greeting.socket.localPort });
    }
  }
});

test('an opening without a name goes to the default zone, and on a port of its own to that port’s zone', async () => {
  await using door = await FrontDoor.open();
  expect(await door.greeting(door.ports.sip, { servername: '' })).toMatchObject({ name: 'shared' });
  expect(await door.greeting(door.ports.own, { servername: '' })).toMatchObject({ name: 'own' });
});

test('a name that no zone has is refused with unrecognized_name, also where a zone owns the port', async () => {
  await using door = await FrontDoor.open();
  for (const port of [door.ports.sip, door.ports.https, door.ports.own]) {
    const refused = door.greeting(port, { servername: 'elsewhere.localhost' });
    await expect(refused).rejects.toThrow(/unrecognized name/);
  }
});

test('without a default zone an opening without a name is refused', async () => {
  await using door = await FrontDoor.open((config) => ({
    ...config,
    zones: config.zones.map((zone) => ({ ...zone, default: false })),
  }));
  await expect(door.greeting(door.ports.sip, { servername: '' })).rejects.toThrow(/unrecognized name/);
});

test('a client that writes its opening byte by byte is served', async () => {
  await using door = await FrontDoor.open();
  const socket = door.raw(door.ports.sip);
  socket.setNoDelay(true);
  const hello = await realHello({ servername: 'own.localhost' });
  for (const byte of hello) {
    if (!socket.write(Buffer.from([byte]))) await once(socket, 'drain');
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.subarray(0, 2)).toEqual(Buffer.from([22, 3]));
});

test('plain HTTP on the HTTPS port is told what the port speaks', async () => {
  await using door = await FrontDoor.open();
  const answer = await door.answerTo(door.ports.https, 'GET / HTTP/1.1\r\nHost: shared.localhost\r\n\r\n');
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*HTTPS/);
});

test('SIP without TLS, and random bytes, are closed without a word', async () => {
  await using door = await FrontDoor.open();
  expect(await door.answerTo(door.ports.sip, 'OPTIONS sip:a@b SIP/2.0\r\n\r\n')).toHaveLength(0);
  expect(await door.answerTo(door.ports.https, Buffer.alloc(400, 0x81))).toHaveLength(0);
});

test('a broken opening, and one without end, get a fatal alert', async () => {
  await using door = await FrontDoor.open();
  const alert = Buffer.from([21, 3, 3, 0, 2, 2, 50]);
  expect(await door.answerTo(door.ports.sip, Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0]))).toEqual(alert);
  const endless = Buffer.concat([Buffer.from([22, 3, 1, 0x40, 0, 1, 1, 0, 0]), Buffer.alloc(16_380)]);
  expect(await door.answerTo(door.ports.sip, Buffer.concat([endless, endless]))).toEqual(alert);
});

test('behind a balancer the name is found, and the zone knows the client', async () => {
  await using door = await FrontDoor.open((config) => ({
    ...config,
    zones: config.zones.map((zone) => ({ ...zone, proxy_protocol: ['127.0.0.1'] })),
  }));
  const header = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c6336401d43113c5', 'hex');
  for (const port of [door.ports.sip, door.ports.own]) {
    const socket = door.raw(port);
    socket.write(header);
    const greeting = await door.greeting(port, { socket, servername: 'own.localhost' });
    expect(greeting).toMatchObject({ name: 'own', remote: { address: '192.0.2.7', port: 54321 } });
  }
  await expect(door.greeting(door.ports.sip, { servername: 'own.localhost' })).rejects.toThrow();
});

test('a port that is taken is told, with what to do about it', async () => {
  await using door = await FrontDoor.open();
  const second = FrontDoor.open((config) => ({
    ...config,
    listener: { ...config.listener, sip_port: door.ports.sip },
  }));
  await expect(second).rejects.toThrow(/SIP port 127\.0\.0\.1:\d+ cannot be opened: another program has it/);
});
