import { expect, test, vi } from 'vitest';
import { browserAnswer, CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { hashPin } from '#zones/identity/pin.ts';
import { conferenceStage, description, type ConferenceStage } from './ConferenceStage.ts';

const guestPin = await hashPin('2468');
const hostPin = await hashPin('1357');

function browser(
  name: string,
  more: Partial<ConstructorParameters<typeof CallStandIn>[0]> = {},
): CallStandIn {
  return new CallStandIn({ name, answer: browserAnswer, ...more });
}

/** Somebody who is in already and may direct. */
function host(stage: ConferenceStage): Promise<CallStandIn> {
  stage.services.policy.answer = ({ caller }) => ({
    obligations: {
      role: caller.name === 'Host' ? 'host' : 'guest',
      lobby: caller.name === 'Lobby',
      audioOnly: false,
    },
  });
  return stage.browser('Host');
}

test('whom policy denies is refused like in a room that does not exist; the record names why', async () => {
  const { conference, services, observed } = conferenceStage();
  services.policy.answer = () => ({ effect: 'deny', policies: ['only-weekdays'], reason: 'it is Sunday' });
  const call = browser('Mallory');
  await conference.join(call, true);
  expect(call.told).toEqual(['refused forbidden']);
  expect(observed).toEqual(['Mallory refused forbidden']);
  expect(services.records.written).toMatchObject([
    {
      type: 'attempt-refused',
      cause: 'forbidden',
      detail: 'only-weekdays, it is Sunday',
      leg: { displayName: 'Mallory', decision: { effect: 'deny', policies: ['only-weekdays'] } },
    },
  ]);
  expect(services.records.decisions).toHaveLength(1);
});

test('nobody comes in while his record cannot be written', async () => {
  const { conference, services } = conferenceStage();
  services.records.fails = new Error('the disk is full');
  const call = browser('Alice');
  await conference.join(call, true);
  expect(call.told).toEqual(['refused failed']);
});

test('a room with a PIN asks for it on the page, and what was typed decides who is a host', async () => {
  const { conference, services } = conferenceStage({ guest_pin: guestPin, host_pin: hostPin });
  const guest = browser('Guest', { codes: ['1111', '2468'] });
  const boss = browser('Boss', { codes: ['1357'] });
  await conference.join(guest, true);
  await conference.join(boss, true);
  await guest.sees('Guest', 'Boss');
  expect(guest.gates).toMatchObject([
    { kind: 'pin', wrong: false, digits: [4, 16] },
    { kind: 'pin', wrong: true },
  ]);
  expect(guest.roster.map(({ name, role }) => `${name} ${role}`)).toEqual(['Guest guest', 'Boss host']);
  const joining = services.policy.asked.filter(({ action }) => action === 'join');
  expect(joining.map(({ evidence }) => evidence.possession.join())).toEqual([
    '',
    'guest-pin',
    '',
    'host-pin',
  ]);
});

test('who types wrong PINs is slowed down, and nobody else is', async () => {
  const { conference, services } = conferenceStage({ guest_pin: guestPin });
  const call = browser('Mallory', {
    codes: ['1111', '2222', '3333', '4444', '5555', '6666'],
    origin: { remoteAddress: '192.0.2.66' },
  });
  const joining = conference.join(call, true);
  await waitFor('he is slowed down', () => {
    const last = call.gates.at(-1);
    return last?.kind === 'pin' && last.mayRetryInMs > 0;
  });
  call.leave();
  await joining;
  expect(services.records.story).toEqual(['attempt-refused cancelled']);
  const other = browser('Guest', { codes: ['2468'], origin: { remoteAddress: '192.0.2.7' } });
  await conference.join(other, true);
  expect(other.gates).toHaveLength(1);
  expect(other.told).toEqual([]);
});

test('a PIN that policy asks for is asked for, and a caller whom no PIN would help is refused without being asked', async () => {
  const { conference, services } = conferenceStage({ guest_pin: guestPin });
  services.policy.answer = ({ evidence, caller }) => ({
    effect: caller.name !== 'Mallory' && evidence.possession.includes('guest-pin') ? 'allow' : 'deny',
  });
  const guest = browser('Guest', { codes: ['2468'] });
  const mallory = browser('Mallory', { codes: ['2468'] });
  await conference.join(guest, true);
  await conference.join(mallory, true);
  expect(guest.told).toEqual([]);
  expect(mallory.gates).toEqual([]);
  expect(mallory.told).toEqual(['refused forbidden']);
});

test('a PIN of hosts alone keeps nobody out: who has none comes as a guest, on the page and by phone', async () => {
  const { conference, media } = conferenceStage({ host_pin: hostPin });
  const guest = browser('Guest', { codes: ['1111', ''] });
  const boss = browser('Boss', { codes: ['1357'] });
  await conference.join(guest, true);
  await conference.join(boss, true);
  expect(guest.gates).toMatchObject([
    { kind: 'pin', wrong: false, mayBeGuest: true },
    { kind: 'pin', wrong: true, mayBeGuest: true },
  ]);
  const phone = new CallStandIn({ name: 'Phone', offer: description });
  const joining = conference.join(phone, true);
  await waitFor('the phone is asked', () => media.said.includes('Phone: enter-pin-or-hash'));
  media.emit('digit', media.legs.at(-1)?.id ?? '', '#');
  await joining;
  await waitFor('all are in', () => boss.roster.length === 3);
  expect(boss.roster.map(({ name, role }) => `${name} ${role}`)).toEqual([
    'Guest guest',
    'Boss host',
    'Phone guest',
  ]);
});

test('a phone that types nothing where guests need no PIN comes in as a guest after 20 seconds', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  try {
    const { conference } = conferenceStage({ host_pin: hostPin });
    const joining = conference.join(new CallStandIn({ name: 'Machine', offer: description }), true);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(conference.use.phones).toBe(0);
    await vi.advanceTimersByTimeAsync(1100);
    await joining;
    expect(conference.use.phones).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test('where guests have a PIN too, or policy asks for one, nobody comes in without', async () => {
  const { conference } = conferenceStage({ host_pin: hostPin, guest_pin: guestPin });
  const guest = browser('Guest', { codes: ['', '2468'] });
  await conference.join(guest, true);
  expect(guest.gates).toMatchObject([{ mayBeGuest: false }, { wrong: true, mayBeGuest: false }]);
  const strict = conferenceStage({ host_pin: hostPin });
  strict.services.policy.answer = ({ evidence }) => ({
    effect: evidence.possession.includes('host-pin') ? 'allow' : 'deny',
  });
  const boss = browser('Boss', { codes: ['', '1357'] });
  await strict.conference.join(boss, true);
  expect(boss.gates).toMatchObject([{ mayBeGuest: false }, { wrong: true }]);
  expect(boss.owner.isHost).toBe(true);
});

test('a phone types its PIN by its keys: outside of the room until then', async () => {
  const { conference, media } = conferenceStage({ guest_pin: guestPin });
  const phone = new CallStandIn({ name: 'Phone', offer: description });
  const joining = conference.join(phone, true);
  await waitFor('the phone is answered', () => media.told.includes('Phone sees enter-pin'));
  expect(conference.use.phones).toBe(0);
  const [leg] = media.legs;
  expect(leg?.options.held).toEqual({ lines: ['welcome'] });
  for (const digit of '2468#') media.emit('digit', leg?.id ?? '', digit);
  await joining;
  expect(media.told.at(-1)).toBe('Phone is in the room');
  expect(media.said).toEqual(['Phone: enter-pin', 'Phone: admitted']);
  await phone.sees('Phone');
});

test('who must wait is shown to hosts, and comes in by their word', async () => {
  const stage = conferenceStage({ hosts: 'policy' });
  const boss = await host(stage);
  const guest = browser('Lobby');
  const joining = stage.conference.join(guest, true);
  await waitFor('the host sees who waits', () => boss.waiting.length === 1);
  expect(boss.waiting).toMatchObject([{ name: 'Lobby', kind: 'browser' }]);
  expect(guest.gates).toEqual([{ kind: 'lobby', until: 'admitted' }]);
  boss.owner.admitWaiting(boss.waiting[0]?.id ?? '', true);
  await joining;
  await boss.sees('Host camera', 'Lobby');
  expect(stage.services.policy.asked.at(-1)?.evidence.possession).toEqual(['approved']);
  await waitFor('nobody waits any more', () => boss.waiting.length === 0);
});

test('whom a host refuses is told no more than a stranger', async () => {
  const stage = conferenceStage({ hosts: 'policy' });
  const boss = await host(stage);
  const guest = browser('Lobby');
  const joining = stage.conference.join(guest, true);
  await waitFor('the host sees who waits', () => boss.waiting.length === 1);
  boss.owner.admitWaiting(boss.waiting[0]?.id ?? '', false);
  await joining;
  expect(guest.told).toEqual(['refused lobby-refused']);
  expect(stage.services.records.story.at(-1)).toBe('attempt-refused lobby-refused');
});

test('a phone is told why it waits, and hears that it is refused before its call ends', async () => {
  const stage = conferenceStage({ hosts: 'policy', wait_for_host: true });
  const early = new CallStandIn({ name: 'Early', offer: description });
  const waiting = stage.conference.join(early, true);
  await waitFor('it is told', () => stage.media.said.includes('Early: welcome-host-missing'));
  const page = browser('Page');
  const alsoWaiting = stage.conference.join(page, true);
  await waitFor('it is told, too', () => page.gates.length === 1);
  expect(page.gates).toEqual([{ kind: 'lobby', until: 'host' }]);
  const boss = await host(stage);
  await Promise.all([waiting, alsoWaiting]);
  const late = new CallStandIn({ name: 'Lobby', offer: description });
  const joining = stage.conference.join(late, true);
  await waitFor('the host sees who waits', () => boss.waiting.length === 1);
  boss.owner.admitWaiting(boss.waiting[0]?.id ?? '', false);
  await joining;
  expect(late.told).toEqual(['hung up lobby-refused']);
  expect(stage.media.said).toEqual([
    'Early: welcome-host-missing',
    'Early: admitted',
    'Lobby: waiting',
    'Lobby: refused',
  ]);
});

test('a phone hears that a locked room takes nobody, and everybody on a phone that the meeting is over', async () => {
  const stage = conferenceStage({ hosts: 'policy' });
  const boss = await host(stage);
  const guest = await stage.joined('Guest');
  boss.owner.setLocked(true);
  boss.leave();
  await waitFor('the host has gone', () => stage.conference.size === 1);
  const late = await stage.joined('Late');
  expect(late.told).toEqual(['hung up locked']);
  await stage.conference.end({ cause: 'duration-over' });
  expect(guest.told).toEqual(['hung up duration-over']);
  expect(stage.media.said).toEqual(['Late: locked', 'Guest: goodbye']);
});

test('a host on a phone hears the bell when somebody comes to the door, and lets all in by key', async () => {
  const stage = conferenceStage({ hosts: 'policy' });
  stage.services.policy.answer = ({ caller }) => ({
    obligations: {
      role: caller.name === 'Host' ? 'host' : 'guest',
      lobby: caller.name === 'Lobby',
      audioOnly: false,
    },
  });
  const boss = await stage.joined('Host');
  const guest = await stage.joined('Guest');
  const first = browser('Lobby');
  const joining = stage.conference.join(first, true);
  await waitFor('the bell rings', () => stage.media.said.includes('Host: somebody-waits'));
  const second = browser('Lobby');
  const alsoJoining = stage.conference.join(second, true);
  await waitFor('two wait', () => boss.waiting.length === 2);
  // What to do was said already, and it is for hosts.
  expect(stage.media.said).toEqual(['Host: bell', 'Host: somebody-waits', 'Host: bell']);
  for (const digit of '*3') guest.owner.digit(digit);
  expect(stage.conference.use.waiting).toBe(2);
  for (const digit of '*3') boss.owner.digit(digit);
  await Promise.all([joining, alsoJoining]);
  await boss.sees('Host', 'Guest', 'Lobby', 'Lobby');
});

test('guests direct nothing: what only hosts may do does nothing', async () => {
  const stage = conferenceStage({ hosts: 'policy' });
  const boss = await host(stage);
  const guest = await stage.browser('Guest');
  await guest.sees('Host camera', 'Guest camera');
  const bossId = guest.roster.find(({ name }) => name === 'Host')?.id ?? '';
  guest.owner.removeParticipant(bossId);
  guest.owner.setLocked(true);
  guest.owner.endConference();
  expect(boss.told).toEqual([]);
  expect(stage.conference.use.locked).toBe(false);
});

test('a locked room takes guests only by a host’s word, and a host may remove, mute and end', async () => {
  const stage = conferenceStage({ hosts: 'policy' });
  const boss = await host(stage);
  boss.owner.setLocked(true);
  expect(boss.roomState).toEqual({ locked: true });
  const guest = browser('Guest');
  const joining = stage.conference.join(guest, true);
  await waitFor('the host sees who waits', () => boss.waiting.length === 1);
  boss.owner.admitWaiting(boss.waiting[0]?.id ?? '', true);
  await joining;
  await boss.sees('Host camera', 'Guest');
  const id = boss.roster.find(({ name }) => name === 'Guest')?.id ?? '';
  boss.owner.muteParticipant(id);
  await boss.sees('Host camera', 'Guest muted');
  expect(guest.mutedByHost).toBe(1);
  boss.owner.removeParticipant(id);
  await waitFor('the guest is told', () => guest.told.length > 0);
  expect(guest.told).toEqual(['hung up removed']);
  boss.owner.endConference();
  await waitFor('all is over', () => boss.told.length > 0);
  expect(boss.told).toEqual(['hung up conference-ended']);
});
