import { expect, test } from 'vitest';
import { PolicySet } from '#zones/policy/PolicySet.ts';
import { asking, berlin } from './asking.ts';

const zone = 'meetme';

/** A permit for everybody with these annotations. */
function permit(annotations: string): string {
  return `${annotations} permit (principal, action, resource);`;
}

const plain = permit('@id("plain")');
const lobby = permit('@id("lobby") @lobby("true")');
const host = permit('@id("host") @role("host")');
const guest = permit('@id("guest") @role("guest")');
const silent = permit('@id("silent") @audio_only("true")');
const red = permit('@id("red") @label("Press")');
const blue = permit('@id("blue") @label("recorded at their end")');

test.each<[string, string[], object]>([
  ['one that says nothing makes a guest', [plain], { role: 'guest', lobby: false, audioOnly: false }],
  ['one that says lobby makes wait', [lobby], { lobby: true }],
  ['one that lets in and says nothing of how does so past the lobby', [lobby, plain], { lobby: false }],
  ['a role is no way past the lobby', [lobby, host], { role: 'host', lobby: true }],
  ['a label is no way past the lobby', [lobby, red], { label: 'Press', lobby: true }],
  ['audio only is no way past the lobby', [lobby, silent], { audioOnly: true, lobby: true }],
  ['one that says host makes a host', [plain, guest, host], { role: 'host' }],
  ['one that says audio only makes it so', [plain, silent, host], { audioOnly: true, role: 'host' }],
  ['labels are all shown', [red, blue], { label: 'recorded at their end, Press' }],
])('of several policies that allow, %s', (_what, policies, expected) => {
  using set = PolicySet.of('p', policies.join('\n'));
  const { effect, obligations } = set.evaluate(zone, asking(), berlin);
  expect(effect).toBe('allow');
  expect(obligations).toMatchObject(expected);
});

test('a policy that does not apply says nothing of how a call comes in', () => {
  using set = PolicySet.of(
    'p',
    `${plain} @id("h") @role("host") permit (principal, action == Action::"dial", resource);`,
  );
  expect(set.evaluate(zone, asking(), berlin)).toMatchObject({
    policies: ['plain'],
    obligations: { role: 'guest' },
  });
});

test('who is denied gets nothing of what a permit would have given', () => {
  using set = PolicySet.of('p', `${host} ${red} @id("no") forbid (principal, action, resource);`);
  expect(set.evaluate(zone, asking(), berlin)).toEqual({
    effect: 'deny',
    policies: ['no'],
    obligations: { role: 'guest', lobby: false, audioOnly: false },
    reason: 'forbidden by no',
  });
});

test.each([
  ['a role', '@role("host")'],
  ['a lobby', '@lobby("true")'],
  ['audio only', '@audio_only("true")'],
])('a forbid cannot have %s', (_what, annotation) => {
  const text = `@id("no") ${annotation} forbid (principal, action, resource);`;
  expect(() => PolicySet.of('p', text)).toThrow('is for permit policies only');
});

test('the same name for two policies is a fault', () => {
  expect(() => PolicySet.of('p', `${plain}\n${plain}`)).toThrow(
    'p:2:1: the name @id("plain") is given more than once',
  );
});

test('policies see the room, the proof and the place of a caller, and how many are there', () => {
  const text = `@id("all") permit (principal, action, resource) when {
    resource.name == "welcome" && resource.zone == "meetme" && context.party == "acme" && context.partyKind == "partner"
    && context.assurance.containsAll(["person", "possession"]) && !context.assurance.contains("system")
    && context.possession.contains("host-pin") && context.source.isInRange(ip("2001:db8::/32"))
    && context has person && context.person.groups.contains("board") && context.occupancy.total < 10
    && context.occupancy.parties.contains({ party: "acme", people: 2 }) && context.local.weekday == "thu"
    && context.local.hour == 11 && context.utc.hour == 10 && context.transport has tlsVersion };`;
  using set = PolicySet.of('p', text);
  const request = asking({
    party: 'acme',
    evidence: {
      possession: ['host-pin'],
      person: { method: 'oidc', issuer: 'https://login.example', subject: '7', groups: ['board'] },
    },
    source: { address: '2001:db8::7' },
    occupancy: { total: 2, hosts: 1, byParty: { acme: 2 } },
    transport: { kind: 'tls', tlsVersion: 'TLSv1.3' },
  });
  expect(set.evaluate(zone, request, berlin).effect).toBe('allow');
  expect(set.evaluate('other', request, berlin).effect).toBe('deny');
  expect(set.evaluate(zone, { ...request, party: 'guest' }, berlin).effect).toBe('deny');
});

test('policies that are released decide no more, and those after them are not mixed up with them', () => {
  const first = PolicySet.of('p', plain);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(() => first.evaluate(zone, asking(), berlin)).toThrow('no longer in force');
  using second = PolicySet.of('p', lobby);
  using third = PolicySet.of('p', host);
  expect(second.evaluate(zone, asking(), berlin).policies).toEqual(['lobby']);
  expect(third.evaluate(zone, asking(), berlin).policies).toEqual(['host']);
});

test('the revision is that of the text: the same for the same, another for another', () => {
  using first = PolicySet.of('p', plain);
  using same = PolicySet.of('elsewhere', plain);
  using other = PolicySet.of('p', `${plain}\n`);
  expect(first.revision).toMatch(/^[0-9a-f]{16}$/);
  expect(same.revision).toBe(first.revision);
  expect(other.revision).not.toBe(first.revision);
});
