import { expect, test, vi } from 'vitest';
import { browserAnswer, CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { conferenceStage, description, videoDescription } from './ConferenceStage.ts';

function browser(name: string): CallStandIn {
  return new CallStandIn({ name, answer: browserAnswer });
}

/** Counts turns of the event loop until it is stopped. */
function countTurns(): { readonly turn: () => number; readonly stop: () => void } {
  let turns = 0;
  let counting = setImmediate(count);
  function count(): void {
    turns += 1;
    counting = setImmediate(count);
  }
  return { turn: () => turns, stop: () => clearImmediate(counting) };
}

test('whom policy makes a host during the call may direct at once, and whom it makes none no longer', async () => {
  const stage = conferenceStage({ hosts: 'policy' });
  const person = await stage.browser('Person');
  const locked = (): boolean => stage.conference.use.locked;
  person.owner.setLocked(true);
  expect(locked()).toBe(false);
  stage.services.policy.answer = () => ({
    obligations: { role: 'host', lobby: false, audioOnly: false },
  });
  await stage.conference.decideAgain();
  expect(person.roles).toEqual(['host']);
  await waitFor('the roster says so', () => person.roster[0]?.role === 'host');
  person.owner.setLocked(true);
  expect(locked()).toBe(true);
  const guest = browser('Guest');
  stage.services.policy.answer = ({ caller }) => ({
    obligations: { role: caller.name === 'Person' ? 'host' : 'guest', lobby: false, audioOnly: false },
  });
  const joining = stage.conference.join(guest, true);
  await waitFor('he sees who waits', () => person.waiting.length === 1);
  person.owner.admitWaiting(person.waiting[0]?.id ?? '', true);
  await joining;
  stage.services.policy.answer = () => ({});
  await stage.conference.decideAgain();
  expect(person.roles).toEqual(['host', 'guest']);
  person.owner.setLocked(false);
  expect(locked()).toBe(true);
});

test('a label that policy gives during the call is on the tile and in the roster, and goes away with it', async () => {
  const { conference, media, services } = conferenceStage();
  const call = new CallStandIn({ name: 'Bridge', offer: description });
  await conference.join(call, true);
  const obligations = { role: 'guest', lobby: false, audioOnly: false } as const;
  services.policy.answer = () => ({ obligations: { ...obligations, label: 'several people' } });
  await conference.decideAgain();
  await waitFor('the roster says so', () => call.roster[0]?.label === 'several people');
  await conference.decideAgain();
  services.policy.answer = () => ({ obligations });
  await conference.decideAgain();
  await waitFor('the roster says no more', () => call.roster[0]?.label === undefined);
  expect(media.told.filter((told) => told.includes('is now'))).toEqual([
    'Bridge is now Bridge (several people)',
    'Bridge is now Bridge',
  ]);
});

test('whom policy has by sound alone from now on loses the picture at once, and is offered a call without', async () => {
  const { conference, media, services } = conferenceStage();
  const call = new CallStandIn({ name: 'Bridge', offer: videoDescription, answer: (offer) => offer });
  await conference.join(call, true);
  services.policy.answer = ({ action }) => ({
    obligations: { role: 'guest', lobby: false, audioOnly: action === 'stay' },
  });
  await conference.decideAgain();
  await conference.decideAgain();
  await waitFor('it is offered a call again', () => call.offers.length === 1);
  expect(media.told.filter((told) => told.includes('no video'))).toEqual(['Bridge has no video any more']);
  expect(call.offers[0]?.video).toBeUndefined();
  expect(call.told).toEqual([]);
});

test('whom policy has by sound alone cannot add a picture later', async () => {
  const { conference, media, services } = conferenceStage();
  const call = new CallStandIn({ name: 'Bridge', offer: description });
  await conference.join(call, true);
  services.policy.answer = () => ({ obligations: { role: 'guest', lobby: false, audioOnly: true } });
  await conference.decideAgain();
  await waitFor('its leg is told', () => media.told.includes('Bridge has no video any more'));
  expect(call.offers).toEqual([]);
});

test('whom a host has let in does not become one where everybody is', async () => {
  const stage = conferenceStage({ hosts: 'everyone' });
  const boss = await stage.browser('Host');
  // As the real policy does: who was admitted need not wait any more.
  stage.services.policy.answer = ({ caller, evidence }) => ({
    obligations: {
      role: 'guest',
      lobby: caller.name === 'Lobby' && !evidence.possession.includes('approved'),
      audioOnly: false,
    },
  });
  const guest = browser('Lobby');
  const joining = stage.conference.join(guest, true);
  await waitFor('the host sees who waits', () => boss.waiting.length === 1);
  boss.owner.admitWaiting(boss.waiting[0]?.id ?? '', true);
  await joining;
  expect(guest.owner.isHost).toBe(false);
  await stage.conference.decideAgain();
  expect(guest.owner.isHost).toBe(false);
});

/** Time goes on by that much, and what waits for promises as well. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

test.each([
  ['fail', () => Promise.reject(new Error('the disk is full'))],
  ['hang', () => new Promise<never>(() => undefined)],
])('who may no longer stay leaves in time also while records %s', async (_how, write) => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  try {
    const { conference, services } = conferenceStage();
    const [partner, other] = [browser('Partner'), browser('Other')];
    const joining = Promise.all([conference.join(partner, true), conference.join(other, true)]);
    await pass(10);
    await joining;
    services.policy.answer = ({ caller }) => ({ effect: caller.name === 'Partner' ? 'deny' : 'allow' });
    services.records.write = write;
    services.records.keepDecision = write;
    await Promise.all([conference.decideAgain(), pass(1)]);
    expect(partner.notices[0]).toMatch(/disconnected in 30 seconds/);
    await pass(30_000);
    expect(partner.told).toEqual(['hung up policy-ended']);
    expect(other.told).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test('who may no longer stay is warned, then hung up on; the record has the decision', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  try {
    const { conference, services, media } = conferenceStage();
    const call = browser('Partner');
    const joining = conference.join(call, true);
    await vi.advanceTimersByTimeAsync(10);
    await joining;
    services.policy.answer = ({ action }) =>
      action === 'stay' ? { effect: 'deny', decidedBy: 'partner', policies: ['partner acme: window'] } : {};
    services.policy.change('a window has ended');
    const again = conference.decideAgain();
    await vi.advanceTimersByTimeAsync(1);
    await again;
    await vi.advanceTimersByTimeAsync(1);
    expect(call.notices[0]).toMatch(/disconnected in 30 seconds/);
    expect(media.told).toContain('notice The time of this meeting is over for some of those here');
    expect(call.told).toEqual([]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(call.told).toEqual(['hung up window-ended']);
    expect(services.records.story).toEqual([
      'leg-start',
      'conference-start',
      'leg-update',
      'leg-update',
      'leg-end window-ended',
      'conference-end',
    ]);
  } finally {
    vi.useRealTimers();
  }
});

test('rooms of a zone that decide again together begin one decision a turn, so that media has its turns in between', async () => {
  const one = conferenceStage();
  const other = conferenceStage({}, one.services);
  for (const name of ['A', 'B', 'C', 'D'])
    await Promise.all([one, other].map(({ conference }) => conference.join(browser(name), true)));
  const { turn, stop } = countTurns();
  const turns: number[] = [];
  one.services.policy.answer = () => {
    turns.push(turn());
    return {};
  };
  await Promise.all([one.conference.decideAgain(), other.conference.decideAgain()]);
  stop();
  expect(turns.length).toBeGreaterThanOrEqual(8);
  expect(new Set(turns).size).toBe(turns.length);
});
