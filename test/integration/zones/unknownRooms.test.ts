import { expect, test } from 'vitest';
import { browserAnswer, CallStandIn } from './CallStandIn.ts';
import { ZoneFixture } from './ZoneFixture.ts';

/** All that somebody learns who wants into that room. */
async function learnt(zone: ZoneFixture, room: string): Promise<object> {
  const call = new CallStandIn({ name: 'Mallory', room, answer: browserAnswer });
  await zone.reception.take(call);
  const path = new RegExp(room, 'g');
  return { gates: JSON.stringify(call.gates).replaceAll(path, 'ROOM'), told: call.told };
}

test.each([false, true])(
  'a room that is not there looks like one that refuses (login: %s)',
  async (login) => {
    await using zone = await ZoneFixture.open({ login });
    zone.services.policy.answer = () => ({ effect: 'deny' });
    const denied = await learnt(zone, 'welcome');
    const unknown = await learnt(zone, 'nowhere');
    if (login) {
      expect(unknown).toEqual(denied);
      expect(unknown).toMatchObject({ told: ['refused identity-missing'] });
    } else
      expect([denied, unknown]).toMatchObject([
        { told: ['refused forbidden'] },
        { told: ['refused not-found'] },
      ]);
    expect(zone.services.records.written.at(-1)).toMatchObject({ detail: 'no such room in this zone' });
  },
);
