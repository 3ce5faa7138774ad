import { expect, test } from 'vitest';
import { srtpSuites } from '#kernel/index.ts';
import { legOptions, openMediaZone } from '#test/support/mediaZone.ts';
import { TestPhone } from '#test/support/TestPhone.ts';
import { waitFor } from '#test/support/waitFor.ts';

const secure = legOptions('phone');

for (const suite of srtpSuites) {
  test(`a phone with ${suite} is heard by the mixer and hears it`, async () => {
    await using zone = await openMediaZone();
    await using phone = await TestPhone.create({ suite });
    const leg = await zone.media.conference('room').answer(phone.offer(), secure);
    phone.connect(leg.local);
    await waitFor('the phone is heard', () => {
      phone.say(Buffer.from('from the phone'));
      return zone.mixer
        .takeFrom('phone')
        .some(({ payload }) => payload.equals(Buffer.from('from the phone')));
    });
    await waitFor('the phone hears', () => {
      zone.mixer.say('phone', Buffer.from('from the mixer'));
      return phone.take().some(({ payload }) => payload.equals(Buffer.from('from the mixer')));
    });
    expect(phone.rejected).toBe(0);
    expect((await leg.stats()).srtp).toBe(suite);
  });
}
