import { expect, test } from 'vitest';
import { srtpSuites } from '#kernel/index.ts';
import { legOptions, openMediaZone } from '#test/support/mediaZone.ts';
import { TestPhone } from '#test/support/TestPhone.ts';
import { waitFor } from '#test/support/waitFor.ts';

const voice = Buffer.from('voice of the phone');

for (const suite of srtpSuites) {
  test(`a call with ${suite} goes on after the death of the worker, with the same port and keys`, async () => {
    await using zone = await openMediaZone();
    await using phone = await TestPhone.create({ suite });
    const leg = await zone.media.conference('room').answer(phone.offer(), legOptions('phone'));
    phone.connect(leg.local);
    const talk = async (): Promise<boolean> => {
      zone.mixer.say('phone', voice);
      phone.say(voice);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const heard = zone.mixer.takeFrom('phone').length > 0;
      return phone.take().length > 0 && heard;
    };
    await waitFor('both ways are open', talk);
    const before = zone.media.workerPid;
    process.kill(before ?? 0, 'SIGKILL');
    await waitFor('another worker runs', () => zone.media.healthy && zone.media.workerPid !== before);
    const startedMs = performance.now();
    await waitFor('both ways are open again', talk);
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(phone.rejected).toBe(0);
  });
}

test('a call that comes while the worker dies gets the next one', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite: 'AEAD_AES_256_GCM' });
  const conference = zone.media.conference('room');
  process.kill(zone.media.workerPid ?? 0, 'SIGKILL');
  const leg = await conference.answer(phone.offer(), legOptions('phone'));
  phone.connect(leg.local);
  await waitFor('it is heard', () => {
    phone.say(voice);
    return zone.mixer.takeFrom('phone').length > 0;
  });
});
