import { expect, test } from 'vitest';
import { browserAnswer, CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { hashPin } from '#zones/identity/pin.ts';
import type { PolicyDecision, PolicyRequest } from '#zones/policy/contract.ts';
import { conferenceStage, description } from './ConferenceStage.ts';

const hostPin = await hashPin('1357');

function browser(name: string, ...codes: readonly string[]): CallStandIn {
  return new CallStandIn({ name, answer: browserAnswer, codes });
}

/** As `@role("host") permit … when { context.possession.contains("host-pin") }` alone. */
function hostsWithPinOnly({ evidence }: PolicyRequest): Partial<PolicyDecision> {
  return evidence.possession.includes('host-pin')
    ? { obligations: { role: 'host', lobby: false, audioOnly: false } }
    : { effect: 'deny', obligations: { role: 'guest', lobby: false, audioOnly: false } };
}

test('where a PIN makes hosts by policy, nobody comes in without it, on the page or by phone', async () => {
  const { conference, media, services } = conferenceStage({ host_pin: hostPin, hosts: 'policy' });
  services.policy.answer = hostsWithPinOnly;
  const mallory = new CallStandIn({
    name: 'Mallory',
    answer: browserAnswer,
    codes: ['1111'],
    origin: { remoteAddress: '192.0.2.66' },
  });
  const coming = conference.join(mallory, true);
  await waitFor('he is asked again', () => mallory.gates.length === 2);
  expect(mallory.gates).toMatchObject([{ mayBeGuest: false }, { wrong: true, mayBeGuest: false }]);
  const boss = browser('Boss', '1357');
  await conference.join(boss, true);
  expect(boss.owner.isHost).toBe(true);
  const phone = new CallStandIn({ name: 'Phone', offer: description });
  const joining = conference.join(phone, true);
  await waitFor('the phone is asked', () => media.said.includes('Phone: enter-pin'));
  for (const digit of '1357#') media.emit('digit', media.legs.at(-1)?.id ?? '', digit);
  await joining;
  expect(phone.owner.isHost).toBe(true);
  // What its leg began by is the decision that was kept, and not what would be with a PIN.
  const start = services.records.written.findLast(({ type }) => type === 'leg-start');
  expect(start).toMatchObject({ leg: { displayName: 'Phone', decision: { effect: 'deny' } } });
  const id = start?.type === 'leg-start' ? start.leg.decision.decisionId : '';
  expect(services.records.decisions).toContain(id);
  mallory.leave();
  await coming;
  expect(services.records.story.at(-1)).toBe('attempt-refused cancelled');
});

test('who waited for a host is decided about again, and may have to wait for his word', async () => {
  const { conference, services } = conferenceStage({ hosts: 'policy', wait_for_host: true });
  const late = browser('Late');
  const guest = browser('Guest');
  const joining = Promise.all([conference.join(late, true), conference.join(guest, true)]);
  await waitFor('both wait', () => late.gates.length + guest.gates.length === 2);
  services.policy.answer = ({ caller, evidence }) => ({
    effect: caller.name === 'Late' ? 'deny' : 'allow',
    obligations: {
      role: caller.name === 'Boss' ? 'host' : 'guest',
      lobby: caller.name === 'Guest' && !evidence.possession.includes('approved'),
      audioOnly: false,
    },
  });
  const boss = browser('Boss');
  await conference.join(boss, true);
  await waitFor('the host sees who waits', () => boss.waiting.length === 1);
  expect(boss.waiting).toMatchObject([{ name: 'Guest' }]);
  expect(late.told).toEqual(['refused forbidden']);
  boss.owner.admitWaiting(boss.waiting[0]?.id ?? '', true);
  await joining;
  expect(guest.told).toEqual([]);
});

test('a room that is locked while somebody comes in is locked for him, too', async () => {
  const stage = conferenceStage({ hosts: 'policy' });
  stage.services.policy.answer = ({ caller }) => ({
    obligations: { role: caller.name === 'Boss' ? 'host' : 'guest', lobby: false, audioOnly: false },
  });
  const boss = await stage.browser('Boss');
  const slow = new CallStandIn({
    name: 'Slow',
    answer: (offer) => {
      boss.owner.setLocked(true);
      return browserAnswer(offer);
    },
  });
  await stage.conference.join(slow, true);
  expect(slow.told).toEqual(['hung up locked']);
});
