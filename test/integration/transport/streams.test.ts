import { expect, test } from 'vitest';
import { errorCodeOf } from '#kernel/index.ts';
import { legOptions, openMediaZone, type MediaZone } from '#test/support/mediaZone.ts';
import { opus, pcma, pcmu, TestPhone } from '#test/support/TestPhone.ts';
import { waitFor } from '#test/support/waitFor.ts';

const secure = legOptions('phone');
const suite = 'AES_CM_128_HMAC_SHA1_80';
const voice = Buffer.from('voice of the phone');

function heard(zone: MediaZone, phone: TestPhone, legId = 'phone'): Promise<unknown> {
  zone.mixer.takeFrom(legId);
  return waitFor(`${legId} is heard`, () => {
    phone.say(voice);
    return zone.mixer.takeFrom(legId).some(({ payload }) => payload.equals(voice));
  });
}

test('an announced SSRC that is not the real one does not matter', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  const leg = await zone.media.conference('room').answer(phone.offer({ ssrc: phone.ssrc + 1 }), secure);
  phone.connect(leg.local);
  await heard(zone, phone);
  await leg.renegotiate(phone.offer({ ssrc: phone.ssrc + 1 }));
  await heard(zone, phone);
  await leg.renegotiate(phone.offer({ ssrc: phone.ssrc + 2 }));
  await heard(zone, phone);
});

test('a phone that changes its SSRC stays heard', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  const leg = await zone.media.conference('room').answer(phone.offer({ ssrc: phone.ssrc }), secure);
  phone.connect(leg.local);
  await heard(zone, phone);
  const before = zone.mixer.legs.get('phone')?.inbound?.ssrc;
  phone.ssrc += 1;
  await waitFor('the mixer is told of another stream', () => {
    phone.say(voice);
    return zone.mixer.legs.get('phone')?.inbound?.ssrc !== before;
  });
  await heard(zone, phone);
});

test('RTP in the clear is refused unless the zone allows it', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create();
  const conference = zone.media.conference('room');
  const refusal = await conference.answer(phone.offer(), secure).catch(errorCodeOf);
  expect(refusal).toBe('not-acceptable');
  const leg = await conference.answer(phone.offer(), legOptions('phone', { allowPlainRtp: true }));
  phone.connect(leg.local);
  await heard(zone, phone);
});

test('an offer without a codec of ours is not acceptable and leaves nothing open', async () => {
  await using zone = await openMediaZone({ audioCodecs: ['opus'], ports: { min: 31_000, max: 31_001 } });
  await using phone = await TestPhone.create({ suite });
  const conference = zone.media.conference('room');
  expect(await conference.answer(phone.offer(), secure).catch(errorCodeOf)).toBe('not-acceptable');
  await conference.answer(phone.offer({ codecs: [opus(96)] }), secure);
});

test('a forged packet is not heard and does not turn the voice away from the phone', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  await using stranger = await TestPhone.create({ suite });
  const leg = await zone.media.conference('room').answer(phone.offer({ ssrc: phone.ssrc }), secure);
  phone.connect(leg.local);
  stranger.connect(leg.local);
  stranger.ssrc = phone.ssrc;
  await heard(zone, phone);
  for (let packet = 0; packet < 20; packet += 1) stranger.say(Buffer.from('forged'));
  await heard(zone, phone);
  expect(zone.mixer.arrived.some(({ payload }) => payload.equals(Buffer.from('forged')))).toBe(false);
  await waitFor('the phone hears', () => {
    zone.mixer.say('phone', voice);
    return phone.take().length > 0;
  });
  expect(stranger.take()).toEqual([]);
});

test('a plaintext RTCP packet, as baresip sends it at the start of SDES, does no harm', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  const leg = await zone.media.conference('room').answer(phone.offer(), secure);
  phone.connect(leg.local);
  phone.sendRaw(Buffer.from('80cc0003000000000050494e47504f4e', 'hex'));
  phone.sendRaw(Buffer.from('not RTP at all'));
  await heard(zone, phone);
});

test('two legs with different payload types for one codec each hear in their own number', async () => {
  await using zone = await openMediaZone();
  await using first = await TestPhone.create({ suite, codecs: [opus(96)] });
  await using second = await TestPhone.create({ suite, codecs: [opus(120)] });
  const conference = zone.media.conference('room');
  for (const [id, phone] of [
    ['first', first],
    ['second', second],
  ] as const) {
    phone.connect((await conference.answer(phone.offer(), legOptions(id))).local);
    await heard(zone, phone, id);
  }
  await waitFor('the first hears', () => {
    zone.mixer.say('first', voice);
    return first.take().some(({ payloadType }) => payloadType === 96);
  });
  await waitFor('the second hears', () => {
    zone.mixer.say('second', voice);
    return second.take().some(({ payloadType }) => payloadType === 120);
  });
});

test('telephone-events arrive at the mixer under the number of the leg', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite, telephoneEventPayloadType: 101 });
  const leg = await zone.media.conference('room').answer(phone.offer(), secure);
  phone.connect(leg.local);
  expect(leg.local.audio.telephoneEvent?.payloadType).toBe(101);
  expect(zone.mixer.legs.get('phone')?.telephoneEventPayloadType).toBe(101);
  await heard(zone, phone);
  const digit = Buffer.from('050a00a0', 'hex'); // 5, RFC 4733 §2.3
  await waitFor('the event arrives', () => {
    phone.say(digit, 101);
    return zone.mixer
      .takeFrom('phone')
      .some(({ payloadType, payload }) => payloadType === 101 && payload.equals(digit));
  });
});

test('a phone whose address changes is followed as soon as it is authentic', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  const leg = await zone.media.conference('room').answer(phone.offer(), secure);
  phone.connect(leg.local);
  await heard(zone, phone);
  await phone.moveSocket();
  await heard(zone, phone);
  await waitFor('it hears at its new address', () => {
    zone.mixer.say('phone', voice);
    return phone.take().length > 0;
  });
});

test('a phone that only listens is sent to where its description says', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite, codecs: [pcma, pcmu] });
  const leg = await zone.media.conference('room').answer(phone.offer({ direction: 'recvonly' }), secure);
  phone.connect(leg.local);
  expect(leg.local.audio.direction).toBe('sendonly');
  await waitFor('it hears without having said anything', () => {
    zone.mixer.say('phone', voice);
    return phone.take().length > 0;
  });
});
