import { createSocket } from 'node:dgram';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '#kernel/index.ts';
import { LegWatch } from '#media/transport/LegWatch.ts';
import { legOptions, openMediaZone } from '#test/support/mediaZone.ts';
import { TestPhone } from '#test/support/TestPhone.ts';
import { waitFor } from '#test/support/waitFor.ts';

const suite = 'AES_CM_128_HMAC_SHA1_80';
const voice = Buffer.from('voice of the phone');
const secure = legOptions('phone');

test('a phone that sends nothing is told of, one that is on hold or speaks is not', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  const conference = zone.media.conference('room');
  const leg = await conference.answer(phone.offer(), secure);
  phone.connect(leg.local);
  await using watch = new LegWatch(() => [conference], zone.mixer, createLog('silent'), { stalledMs: 100 });
  const stalled: number[] = [];
  conference.on('stalled', (legId, silentMs) => {
    if (legId === 'phone') stalled.push(silentMs);
  });
  const lookFor = async (milliseconds: number, say: boolean): Promise<number> => {
    stalled.length = 0;
    const endMs = performance.now() + milliseconds;
    while (performance.now() < endMs) {
      if (say) phone.say(voice);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await watch.look();
    }
    return stalled.length;
  };
  await waitFor('silence is told', async () => (await lookFor(200, false)) > 0);
  expect(stalled.every((silentMs) => silentMs >= 100)).toBe(true);
  await lookFor(200, true);
  expect(await lookFor(400, true)).toBe(0);
  await leg.renegotiate(phone.offer({ direction: 'inactive' }));
  expect(await lookFor(300, false)).toBe(0);
});

test('loss that the phone reports reaches the mixer', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  const conference = zone.media.conference('room');
  const leg = await conference.answer(phone.offer({ ssrc: phone.ssrc }), secure);
  phone.connect(leg.local);
  await using watch = new LegWatch(() => [conference], zone.mixer, createLog('silent'));
  await waitFor('the mixer knows of the loss', async () => {
    phone.say(voice);
    zone.mixer.say('phone', voice);
    phone.reportLoss(leg.local.audio.ssrc ?? 0, 64);
    await watch.look();
    return zone.mixer.packetLoss.get('phone') === 0.25;
  });
});

test('without rtcp-mux RTCP goes to and comes from the next port', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  const rtcp = createSocket('udp4');
  onTestFinished(() => void rtcp.close());
  await new Promise<void>((resolve) => rtcp.bind(0, '127.0.0.1', resolve));
  const reports: { type: number | undefined; port: number }[] = [];
  rtcp.on('message', (packet, { port }) => reports.push({ type: packet[1], port }));
  const offer = phone.offer({ rtcpMux: false, rtcpPort: rtcp.address().port });
  const leg = await zone.media.conference('room').answer(offer, secure);
  phone.connect(leg.local);
  expect(leg.local.audio).toMatchObject({ rtcpMux: false, rtcpPort: leg.local.audio.port + 1 });
  const report = await waitFor('a report comes', () => {
    phone.say(voice);
    zone.mixer.say('phone', voice);
    return reports[0];
  });
  expect(report.port).toBe(leg.local.audio.rtcpPort);
  expect([200, 201]).toContain(report.type);
});
