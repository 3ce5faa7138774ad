import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { native } from '#media/native/index.ts';
import { openLeg, relayOptions, RelayStage, rtp, sealed } from '#test/support/RelayStage.ts';
import { waitFor } from '#test/support/waitFor.ts';

const suite = 'AES_CM_128_HMAC_SHA1_80';
const ignore = (): void => undefined;

function threads(): number {
  return readdirSync('/proc/self/task').length;
}

async function bindable(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  const event = await Promise.race([
    once(socket, 'listening').then(() => 'listening'),
    once(socket, 'error').then(() => 'error'),
  ]);
  socket.close();
  return event === 'listening';
}

test('a closed leg sends nothing more, and its ports are free at once', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, port, worker } = stage;
  const sides = stage.protect(suite);
  const packets = Array.from({ length: 200 }, (_, number) => sealed(sides.sender.protectRtp(rtp(number))));
  const sending = packets.map((packet) => stage.phone.send(packet, port));
  await stage.looked(1);
  relay.closeLeg(leg);
  expect([await bindable(port), await bindable(port + 1)]).toEqual([true, true]);
  await Promise.all(sending);
  // A packet after the last that the closed leg could have sent.
  const [other] = openLeg(relay);
  relay.setWorkerPort(other, worker.port);
  const last = rtp(1, 'last');
  await stage.phone.send(last, worker.port);
  const arrived = await waitFor('the last packet', () => {
    const index = worker.got.findIndex(({ packet }) => packet.equals(last));
    return index < 0 ? undefined : { index };
  });
  expect(arrived.index).toBe(worker.got.length - 1);
  expect(() => relay.statistics(leg)).toThrow(new RangeError(`leg ${leg} is not open`));
});

test('closing ends the thread and all legs; twice is fine, and later calls say so', async () => {
  const before = threads();
  const relay = new native.MediaRelay({ ...relayOptions, onStream: ignore });
  const legs = Array.from({ length: 5 }, () => openLeg(relay));
  expect(threads()).toBe(before + 1);
  relay.close();
  relay.close();
  // What the kernel lists may lag behind the join by a moment.
  await waitFor('the thread to be gone', () => threads() === before);
  for (const [, port] of legs) expect(await bindable(port)).toBe(true);
  expect(() => relay.open(20_000)).toThrow(new TypeError('MediaRelay is closed'));
  expect(() => relay.loopbackPort).toThrow(new TypeError('MediaRelay is closed'));
  expect(() => relay.closeLeg(1)).toThrow(new TypeError('MediaRelay is closed'));
});

test('ports that are taken, both or the second only, are the EADDRINUSE of the system, and leave nothing open', async () => {
  using stage = await RelayStage.open();
  const { relay, port } = stage;
  expect(() => relay.open(port)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  const before = readdirSync('/proc/self/fd').length;
  expect(() => relay.open(port - 1)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  expect(await bindable(port - 1)).toBe(true);
});

test('more legs than allowed are the EMFILE of the system', async () => {
  using stage = await RelayStage.open({ maxLegs: 1 });
  expect(() => openLeg(stage.relay)).toThrow(expect.objectContaining({ code: 'EMFILE' }));
});

test('the same key again goes on where it was, also after the other suite or the clear', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker, port } = stage;
  const { ours, theirs, sender, receiver } = stage.protect(suite);
  const first = sealed(sender.protectRtp(rtp(1)));
  await phone.send(first, port);
  expect(await worker.next()).toEqual(rtp(1));
  const again = [
    () => ignore(),
    () => void stage.protect('AEAD_AES_256_GCM'),
    () => relay.setProtection(leg, 'none'),
    () => relay.setProtection(leg, 'pending'),
  ];
  for (const [round, change] of again.entries()) {
    change();
    relay.setProtection(leg, suite, ours, theirs);
    await phone.send(first, port);
    await stage.looked(round + 2);
    // The roll-over counter goes on as well: 65,535 is followed by 0 only once.
    for (const number of [65_000 + round * 2, 65_001 + round * 2]) {
      await worker.send(rtp(number, 'mix', 3), relay.loopbackPort);
      expect(receiver.unprotectRtp(await phone.next())?.packet).toEqual(rtp(number, 'mix', 3));
    }
  }
  expect(relay.statistics(leg)).toMatchObject({ received: 1, rejected: again.length });
  await worker.send(rtp(65_001, 'mix', 3), relay.loopbackPort);
  await expect.poll(() => relay.statistics(leg).unsent).toBe(1);
});

test('streams are told of until they are taken, and again when another one comes', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, port, notices } = stage;
  relay.setProtection(leg, 'none');
  await phone.send(rtp(1, 'one', 11), port);
  await waitFor('a notice', () => notices.length === 1);
  await phone.send(rtp(2, 'one', 11), port);
  await waitFor('another notice', () => notices.length === 2);
  relay.takeStream(leg, 11);
  await phone.send(rtp(3, 'one', 11), port);
  await stage.looked(3);
  await phone.send(rtp(1, 'two', 0xffff_fffe), port);
  await waitFor('a notice of the other', () => notices.length === 3);
  expect(notices.map(({ ssrc }) => ssrc)).toEqual([11, 11, 0xffff_fffe]);
  expect(notices[2]).toEqual({ leg, ssrc: 0xffff_fffe, payloadType: 96 });
});

test('notices come no more often than asked for, and of a taken stream now and then', async () => {
  using stage = await RelayStage.open({ noticeMs: 60_000, confirmMs: 0 });
  const { relay, leg, phone, port, notices } = stage;
  relay.setProtection(leg, 'none');
  for (let number = 0; number < 5; number += 1) await phone.send(rtp(number), port);
  await stage.looked(5);
  await waitFor('a notice', () => notices.length > 0);
  expect(notices).toHaveLength(1);
  relay.takeStream(leg, 7);
  await phone.send(rtp(9), port);
  await waitFor('a confirmation', () => notices.length === 2);
});

test('a wrong argument is named', async () => {
  using stage = await RelayStage.open();
  const { relay, leg } = stage;
  const make = (changes: object) => () =>
    new native.MediaRelay({ ...relayOptions, onStream: ignore, ...changes });
  expect(make({ address: 'localhost' })).toThrow(/options\.address must be an IPv4 or IPv6 address/);
  expect(make({ onStream: 7 })).toThrow(new TypeError('options.onStream must be a function'));
  expect(make({ replayWindowPackets: 63 })).toThrow(/options\.replayWindowPackets must be an integer/);
  expect(make({ gatherMicroseconds: undefined })).toThrow('options.gatherMicroseconds must be a number');
  const [short, long] = [new Uint8Array(29), new Uint8Array(30)];
  expect(() => relay.setProtection(leg, suite, short, long)).toThrow(/sendKey must have at least 30/);
  expect(() => relay.setProtection(leg, suite, long, short)).toThrow(/receiveKey must have at least 30/);
  expect(() => relay.setProtection(leg, 'AES' as typeof suite, long, long)).toThrow(/protection must be/);
  expect(() => relay.describe(leg, false, '127.0.0.1', 65_536)).toThrow(/port must be an integer/);
  expect(() => relay.open(65_535)).toThrow(/port must be an integer from 1 to 65534/);
  expect(() => relay.takeStream(leg, 2 ** 32)).toThrow(/ssrc/);
  expect(() => relay.closeLeg(leg + 1)).toThrow(new RangeError(`leg ${leg + 1} is not open`));
});
