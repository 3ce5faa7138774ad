import { expect, test } from 'vitest';
import type { MediaLeg } from '#media/index.ts';
import { legOptions, openMediaZone, type MediaZone } from '#test/support/mediaZone.ts';
import { opus, pcma, pcmu, TestPhone } from '#test/support/TestPhone.ts';
import { waitFor } from '#test/support/waitFor.ts';

const secure = legOptions('phone');
const suite = 'AEAD_AES_256_GCM';
const voice = Buffer.from('voice of the phone');

/** Whether the phone is heard by, and hears, the mixer, after both have spoken for a while. */
async function flow(zone: MediaZone, phone: TestPhone): Promise<{ heard: boolean; hears: boolean }> {
  zone.mixer.takeFrom('phone');
  phone.take();
  for (let packet = 0; packet < 15; packet += 1) {
    phone.say(voice);
    zone.mixer.say('phone', voice);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { heard: zone.mixer.takeFrom('phone').length > 0, hears: phone.take().length > 0 };
}

async function open(zone: MediaZone, phone: TestPhone): Promise<MediaLeg> {
  const leg = await zone.media.conference('room').answer(phone.offer(), secure);
  phone.connect(leg.local);
  await waitFor('both ways are open', async () => {
    const { heard, hears } = await flow(zone, phone);
    return heard && hears;
  });
  return leg;
}

test('hold stops what it should stop, and resume brings it back', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  const leg = await open(zone, phone);
  expect((await leg.renegotiate(phone.offer({ direction: 'sendonly' }))).audio.direction).toBe('recvonly');
  expect(await flow(zone, phone)).toEqual({ heard: true, hears: false });
  expect((await leg.renegotiate(phone.offer({ direction: 'inactive' }))).audio.direction).toBe('inactive');
  expect(await flow(zone, phone)).toEqual({ heard: false, hears: false });
  expect((await leg.renegotiate(phone.offer({ address: '0.0.0.0' }))).audio.direction).toBe('sendrecv');
  expect(await flow(zone, phone)).toEqual({ heard: true, hears: false });
  expect((await leg.renegotiate(phone.offer())).audio.direction).toBe('sendrecv');
  expect(await flow(zone, phone)).toEqual({ heard: true, hears: true });
});

test('a muted leg is heard by nobody, whatever is renegotiated meanwhile', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  const leg = await open(zone, phone);
  await leg.setMuted(true);
  expect(zone.mixer.legs.get('phone')?.muted).toBe(true);
  expect(await flow(zone, phone)).toEqual({ heard: false, hears: true });
  await leg.renegotiate(phone.offer());
  expect(await flow(zone, phone)).toEqual({ heard: false, hears: true });
  await leg.setMuted(false);
  expect(await flow(zone, phone)).toEqual({ heard: true, hears: true });
});

test('our port and key stay the same when the codec or its number changes', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite, codecs: [pcma, pcmu] });
  const leg = await open(zone, phone);
  const { port, security } = leg.local.audio;
  expect(leg.local.audio.codecs.map(({ name }) => name)).toEqual(['PCMA']);

  const sameNumbers = await leg.renegotiate(phone.offer({ codecs: [pcmu] }));
  expect(sameNumbers.audio).toMatchObject({ port, security, codecs: [{ name: 'PCMU' }] });
  expect(zone.mixer.legs.get('phone')).toMatchObject({ codec: 'PCMU', payloadType: 0 });
  await waitFor('it is heard in the other codec', () => {
    phone.say(voice, 0);
    return zone.mixer.takeFrom('phone').some(({ payloadType }) => payloadType === 0);
  });

  const otherNumbers = await leg.renegotiate(phone.offer({ codecs: [opus(107)] }));
  expect(otherNumbers.audio).toMatchObject({ port, security, codecs: [{ name: 'opus', payloadType: 107 }] });
  await waitFor('it hears in the new number', () => {
    zone.mixer.say('phone', voice);
    return phone.take().some(({ payloadType }) => payloadType === 107);
  });
  await waitFor('it is heard in the new number', () => {
    phone.say(voice, 107);
    return zone.mixer.takeFrom('phone').some(({ payloadType }) => payloadType === 107);
  });
});

test("a phone's new key is used from then on, and ours stays", async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite });
  await using rekeyed = await TestPhone.create({ suite });
  const leg = await open(zone, phone);
  const before = leg.local.audio.security;
  const answer = await leg.renegotiate(rekeyed.offer());
  expect(answer.audio.security).toEqual(before);
  rekeyed.connect(answer);
  expect(await flow(zone, rekeyed)).toEqual({ heard: true, hears: true });
});

test('a late offer has both suites, and the answer chooses', async () => {
  await using zone = await openMediaZone();
  for (const chosen of ['AEAD_AES_256_GCM', 'AES_CM_128_HMAC_SHA1_80'] as const) {
    await using phone = await TestPhone.create({ suite: chosen });
    await using leg = await zone.media.conference('room').offer('phone', legOptions('phone'));
    const { audio } = leg.local;
    const { security } = audio;
    const keys = security.kind === 'sdes' ? security.keys : [];
    expect(keys.map((key) => key.suite)).toEqual(['AEAD_AES_256_GCM', 'AES_CM_128_HMAC_SHA1_80']);
    const key = keys.find((offered) => offered.suite === chosen);
    const own = phone.offer().audio.security;
    if (key === undefined || own.kind !== 'sdes') throw new Error('no key');
    const answer = { ...own, keys: own.keys.map((ownKey) => ({ ...ownKey, tag: key.tag })) };
    phone.connect({ audio: { ...audio, security: { kind: 'sdes', keys: [key] } } });
    await leg.accept(phone.offer({ security: answer }));
    expect(await flow(zone, phone)).toEqual({ heard: true, hears: true });
    expect((await leg.stats()).srtp).toBe(chosen);
  }
});
