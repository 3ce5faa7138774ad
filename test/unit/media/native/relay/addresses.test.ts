import { expect, test } from 'vitest';
import { Peer, RelayStage, rtcp, rtp, sealed } from '#test/support/RelayStage.ts';

const suite = 'AEAD_AES_256_GCM';

test('until something comes, the description says where to send; then the first packet decides', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker, port } = stage;
  const elsewhere = await stage.peer();
  relay.setProtection(leg, 'none');
  expect(relay.describe(leg, false, '127.0.0.1', elsewhere.port)).toBe(true);
  await worker.send(rtp(1), relay.loopbackPort);
  expect(await elsewhere.next()).toEqual(rtp(1));
  await phone.send(rtp(1), port);
  await worker.next();
  await worker.send(rtp(2), relay.loopbackPort);
  expect(await phone.next()).toEqual(rtp(2));
});

test('the same description again keeps what was learned, another one drops it', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker, port } = stage;
  const elsewhere = await stage.peer();
  relay.setProtection(leg, 'none');
  relay.describe(leg, false, '127.0.0.1', 5);
  await phone.send(rtp(1), port);
  await worker.next();
  relay.describe(leg, false, '127.0.0.1', 5);
  await worker.send(rtp(1), relay.loopbackPort);
  expect(await phone.next()).toEqual(rtp(1));
  relay.describe(leg, false, '127.0.0.1', elsewhere.port);
  await worker.send(rtp(2), relay.loopbackPort);
  expect(await elsewhere.next()).toEqual(rtp(2));
});

test('an address that cannot be sent to changes nothing', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker } = stage;
  relay.setProtection(leg, 'none');
  relay.describe(leg, false, '127.0.0.1', phone.port);
  for (const address of ['phone.example.org', '::1', 'fe80::1%lo', '', '127.0.0.1\0'])
    expect(relay.describe(leg, false, address, 9)).toBe(false);
  await worker.send(rtp(1), relay.loopbackPort);
  expect(await phone.next()).toEqual(rtp(1));
});

test('an authentic packet moves the leg at once, but one that was overtaken does not', async () => {
  using stage = await RelayStage.open();
  const { relay, phone, worker, port } = stage;
  const { sender } = stage.protect(suite);
  const moved = await stage.peer();
  const [first, late, newer] = [1, 2, 3].map((number) => sealed(sender.protectRtp(rtp(number))));
  await phone.send(sealed(first), port);
  await moved.send(sealed(newer), port);
  await stage.looked(2);
  await phone.send(sealed(late), port);
  for (const number of [1, 3, 2]) expect(await worker.next()).toEqual(rtp(number));
  await worker.send(rtp(1), relay.loopbackPort);
  await moved.next();
  expect(phone.got).toEqual([]);
});

test('nobody steals a stream in the clear while it runs, and anybody may take it after silence', async () => {
  using stage = await RelayStage.open({ silenceMs: 300 });
  const { relay, leg, phone, worker, port } = stage;
  const thief = await stage.peer();
  relay.setProtection(leg, 'none');
  await phone.send(rtp(1), port);
  await worker.next();
  await thief.send(rtp(2), port);
  await stage.looked(2);
  // A machine that sleeps between the two gives the thief his silence; then there is nothing to see.
  if (relay.statistics(leg).stray === 1) {
    await worker.send(rtp(1), relay.loopbackPort);
    await phone.next();
  }
  await expect.poll(() => relay.silentMs(leg)).toBeGreaterThan(301);
  await thief.send(rtp(3), port);
  expect(await worker.next()).toEqual(rtp(3));
});

test('without rtcp-mux RTCP has its own port and its own address', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker, port } = stage;
  const reports = await stage.peer();
  relay.setProtection(leg, 'none');
  relay.setRtcpMux(leg, false);
  relay.describe(leg, true, '127.0.0.1', reports.port);
  await worker.send(rtcp(3), relay.loopbackPort);
  const sent = await reports.next();
  expect(sent).toEqual(rtcp(3));
  await reports.send(rtcp(), port + 1);
  expect(await worker.next()).toEqual(rtcp());
  await phone.send(rtp(1), port);
  await worker.next();
  await worker.send(rtp(1), relay.loopbackPort);
  await phone.next();
  expect(reports.got).toEqual([]);
});

test('only the leg whose transport sends is spoken for', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker } = stage;
  const stranger = await stage.peer();
  relay.setProtection(leg, 'none');
  relay.describe(leg, false, '127.0.0.1', phone.port);
  await stranger.send(rtp(1, 'stranger'), relay.loopbackPort);
  await worker.send(rtp(1, 'worker'), relay.loopbackPort);
  expect(await phone.next()).toEqual(rtp(1, 'worker'));
  relay.setWorkerPort(leg, stranger.port);
  await worker.send(rtp(2, 'worker'), relay.loopbackPort);
  await stranger.send(rtp(2, 'stranger'), relay.loopbackPort);
  expect(await phone.next()).toEqual(rtp(2, 'stranger'));
});

test('the time since something acceptable came is told', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, port } = stage;
  expect(relay.silentMs(leg)).toBe(Infinity);
  stage.protect(suite);
  await phone.send(rtp(1), port);
  await stage.looked(1);
  expect(relay.silentMs(leg)).toBe(Infinity);
  relay.setProtection(leg, 'none');
  const beforeMs = performance.now();
  await phone.send(rtp(1), port);
  await stage.looked(2);
  expect(relay.silentMs(leg)).toBeLessThanOrEqual(performance.now() - beforeMs + 2);
});

test('over IPv6 too', async () => {
  using stage = await RelayStage.open({ address: '::1' });
  const { relay, leg, worker } = stage;
  relay.setProtection(leg, 'none');
  using phone = await Peer.open('::1');
  await phone.send(rtp(1), stage.port);
  expect(await worker.next()).toEqual(rtp(1));
  await worker.send(rtp(2), relay.loopbackPort);
  expect(await phone.next()).toEqual(rtp(2));
  expect(relay.describe(leg, false, '127.0.0.1', 9)).toBe(true);
});
