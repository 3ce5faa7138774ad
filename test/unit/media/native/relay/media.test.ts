import { expect, test } from 'vitest';
import { srtpSuites } from '#kernel/index.ts';
import { RelayStage, rtcp, rtp, sealed } from '#test/support/RelayStage.ts';

for (const suite of srtpSuites) {
  test(`${suite}: RTP and RTCP are opened on their way in and sealed on their way out`, async () => {
    using stage = await RelayStage.open();
    const { relay, leg, phone, worker, port } = stage;
    const { sender, receiver } = stage.protect(suite);
    await phone.send(sealed(sender.protectRtp(rtp(1))), port);
    expect(await worker.next()).toEqual(rtp(1));
    await phone.send(sender.protectRtcp(rtcp()), port);
    expect(await worker.next()).toEqual(rtcp());
    await worker.send(rtp(9, 'mix', 3), relay.loopbackPort);
    expect(receiver.unprotectRtp(await phone.next())?.packet).toEqual(rtp(9, 'mix', 3));
    await worker.send(rtcp(3), relay.loopbackPort);
    expect(receiver.unprotectRtcp(await phone.next())?.packet).toEqual(rtcp(3));
    expect(relay.statistics(leg)).toEqual({
      received: 2,
      sent: 2,
      rejected: 0,
      foreign: 0,
      stray: 0,
      unsent: 0,
    });
  });

  test(`${suite}: packets pass over the end of the sequence numbers both ways, out of order too`, async () => {
    using stage = await RelayStage.open();
    const { relay, phone, worker, port } = stage;
    const { sender, receiver } = stage.protect(suite);
    const numbers = Array.from({ length: 60 }, (_, position) => 65_506 + position);
    const inward = numbers.map((number) => sealed(sender.protectRtp(rtp(number))));
    for (let position = 0; position < inward.length; position += 2) {
      for (const each of [position + 1, position]) {
        await phone.send(sealed(inward[each]), port);
        expect(await worker.next()).toEqual(rtp(numbers[each] ?? 0));
      }
    }
    for (const number of numbers) {
      await worker.send(rtp(number, 'mix', 3), relay.loopbackPort);
      expect(receiver.unprotectRtp(await phone.next())?.packet).toEqual(rtp(number, 'mix', 3));
    }
  });

  test(`${suite}: what is forged, replayed, changed or in the clear is dropped and counted`, async () => {
    using stage = await RelayStage.open();
    const { relay, leg, phone, worker, port } = stage;
    const { sender } = stage.protect(suite);
    const [good, report] = [sealed(sender.protectRtp(rtp(1))), sender.protectRtcp(rtcp())];
    for (const packet of [good, report]) await phone.send(packet, port);
    await stage.looked(2);
    const changed = Buffer.from(sealed(sender.protectRtp(rtp(2))));
    changed.writeUInt8(changed.readUInt8(14) ^ 1, 14);
    const hostile = [good, report, changed, rtp(3), rtcp(), good.subarray(0, 13), report.subarray(0, 9)];
    hostile.push(Buffer.from('80cc0003000000000050494e47504f4e', 'hex'));
    for (const packet of hostile) await phone.send(packet, port);
    await stage.looked(2 + hostile.length);
    expect(relay.statistics(leg)).toMatchObject({ received: 2, rejected: hostile.length });
    expect(worker.got.map(({ packet }) => packet)).toEqual([rtp(1), rtcp()]);
  });

  test(`${suite}: SSRCs without end do no harm to the newest`, async () => {
    using stage = await RelayStage.open();
    const { phone, worker, port } = stage;
    const { sender } = stage.protect(suite);
    for (let ssrc = 1; ssrc < 200; ssrc += 1) {
      await phone.send(sealed(sender.protectRtp(rtp(1, 'one', ssrc))), port);
      expect(await worker.next()).toEqual(rtp(1, 'one', ssrc));
    }
    const again = sealed(sender.protectRtp(rtp(2, 'two', 199)));
    for (const packet of [again, again]) await phone.send(packet, port);
    await stage.looked(201);
    expect(await worker.next()).toEqual(rtp(2, 'two', 199));
  });
}

test('a forgotten SSRC may begin again, and one in use is never forgotten', async () => {
  using stage = await RelayStage.open({ maxStreams: 2 });
  const { relay, leg, phone, port } = stage;
  const { sender } = stage.protect('AEAD_AES_256_GCM');
  const first = sealed(sender.protectRtp(rtp(1, 'one', 1)));
  const inUse = [1, 2, 3, 4].map((number) => sealed(sender.protectRtp(rtp(number, 'in use', 9))));
  const others = [2, 3].map((ssrc) => sealed(sender.protectRtp(rtp(1, 'other', ssrc))));
  // Of two places the stream in use keeps one, and the others follow each other in the second.
  const order = [inUse[0], first, inUse[1], others[0], inUse[2], others[1], inUse[3], first, ...inUse];
  for (const packet of order) await phone.send(sealed(packet), port);
  await stage.looked(order.length);
  expect(relay.statistics(leg)).toMatchObject({ received: 8, rejected: 4 });
});

test('in the clear, RTP and RTCP are copied as they are', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker, port } = stage;
  relay.setProtection(leg, 'none');
  await phone.send(rtp(1), port);
  expect(await worker.next()).toEqual(rtp(1));
  await worker.send(rtcp(3), relay.loopbackPort);
  expect(await phone.next()).toEqual(rtcp(3));
});

test('header extensions are taken off what goes out, and stay on what comes in', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker, port } = stage;
  relay.setProtection(leg, 'none');
  // One CSRC, and an extension of one word.
  const csrc = Buffer.from('01020304', 'hex');
  const head = Buffer.concat([rtp(1, ''), csrc]);
  head.writeUInt8(0x91, 0);
  const extended = Buffer.concat([head, Buffer.from('bede000110300000', 'hex'), Buffer.from('voice')]);
  await phone.send(extended, port);
  expect(await worker.next()).toEqual(extended);
  await worker.send(extended, relay.loopbackPort);
  head.writeUInt8(0x81, 0);
  expect(await phone.next()).toEqual(Buffer.concat([head, Buffer.from('voice')]));
});

test('what is no RTP, or too long, is dropped and counted', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker, port } = stage;
  relay.setProtection(leg, 'none');
  const stun = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  const dtls = Buffer.alloc(30, 22);
  const lying = Buffer.concat([rtp(1, ''), Buffer.from('bede4000', 'hex')]);
  lying.writeUInt8(0x90, 0);
  const hostile: Buffer[] = [stun, dtls, lying, Buffer.alloc(0), Buffer.from([0x80]), Buffer.alloc(11, 0x80)];
  hostile.push(rtp(1, Buffer.alloc(1900)));
  for (const packet of hostile) await phone.send(packet, port);
  await stage.looked(hostile.length);
  expect(relay.statistics(leg)).toMatchObject({ received: 0, foreign: hostile.length });
  await phone.send(rtp(2), port);
  expect(await worker.next()).toEqual(rtp(2));
});

test('without keys everything is dropped, both ways', async () => {
  using stage = await RelayStage.open();
  const { relay, leg, phone, worker, port } = stage;
  relay.describe(leg, false, '127.0.0.1', phone.port);
  await phone.send(rtp(1), port);
  await stage.looked(1);
  await worker.send(rtp(1), relay.loopbackPort);
  await expect.poll(() => relay.statistics(leg)).toMatchObject({ received: 0, rejected: 1, unsent: 1 });
  expect([...phone.got, ...worker.got]).toEqual([]);
});
