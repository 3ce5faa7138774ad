import { expect, test } from 'vitest';
import { browserAnswer, CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { conferenceStage, description, type ConferenceStage } from './ConferenceStage.ts';

const agreement = { contact: 'video@acme.example', agreement: '2026-17', expires: '2099-12-31' };
const acme = { name: 'acme', domains: ['acme.example'], ...agreement };

function browser(name: string, wantsPrivacy = false): CallStandIn {
  return new CallStandIn({ name, answer: browserAnswer, origin: { wantsPrivacy } });
}

/** Own, or of acme, by the first letter of the name; `Boss` and `Bella` are hosts, who is called `Late` waits. */
function twoParties(stage: ConferenceStage): void {
  stage.services.policy.answer = ({ caller, evidence }) => ({
    obligations: {
      role: caller.name.startsWith('Bo') || caller.name.startsWith('Be') ? 'host' : 'guest',
      lobby: caller.name.startsWith('Late') && !evidence.possession.includes('approved'),
      audioOnly: false,
    },
  });
}

test('who waits is shown to hosts of his own organisation and of the owner by name, to others by the rule', async () => {
  const stage = conferenceStage({ hosts: 'policy' }, undefined, undefined, {
    names: 'opaque',
    partners: [acme],
  });
  twoParties(stage);
  stage.services.policy.party = ({ source }) => (source.address === '192.0.2.1' ? 'own' : 'acme');
  const at = (name: string, remoteAddress: string, wantsPrivacy = false): CallStandIn =>
    new CallStandIn({ name, answer: browserAnswer, origin: { remoteAddress, wantsPrivacy } });
  const [boss, bella] = [at('Boss', '192.0.2.1'), at('Bella', '192.0.2.2')];
  for (const call of [boss, bella]) await stage.conference.join(call, true);
  const waiting = [
    at('Late One', '192.0.2.1'),
    at('Late Two', '192.0.2.2'),
    at('Late Three', '192.0.2.2', true),
  ];
  const joining = waiting.map((call) => stage.conference.join(call, true));
  await waitFor('both hosts see all', () => boss.waiting.length === 3 && bella.waiting.length === 3);
  expect(boss.waiting.map(({ name }) => name)).toEqual(['Late One', 'Late Two', 'Anonymous']);
  expect(bella.waiting.map(({ name }) => name)).toEqual(['Guest 3', 'Late Two', 'Anonymous']);
  for (const { id } of boss.waiting) boss.owner.admitWaiting(id, true);
  await Promise.all(joining);
});

test('a policy server names people, on the tile and in the roster, and may name them otherwise later', async () => {
  const { conference, media, services } = conferenceStage();
  services.policy.answer = ({ caller }) => ({ displayName: `${caller.name} of Room 7` });
  const call = new CallStandIn({ name: 'Anna', offer: description });
  await conference.join(call, true);
  await call.sees('Anna of Room 7');
  expect(media.legs[0]?.options.label).toBe('Anna of Room 7');
  services.policy.answer = () => ({ displayName: 'Room 7' });
  await conference.decideAgain();
  await call.sees('Room 7');
  expect(media.told).toContain('Anna of Room 7 is now Room 7');
});

test('of a partner whose people are opaque nobody reads which partner it is', async () => {
  const stage = conferenceStage({}, undefined, undefined, { partners: [{ ...acme, names: 'opaque' }] });
  stage.services.policy.party = () => 'acme';
  const call = browser('Anna');
  await stage.conference.join(call, true);
  await waitFor('there is a roster', () => call.roster.length === 1);
  expect(stage.media.legs[0]?.options.label).toBe('Guest 1');
  expect(call.roster[0]?.label).toBeUndefined();
});
