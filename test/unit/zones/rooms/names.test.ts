import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameRule, type NamedPerson } from '#zones/rooms/names.ts';

function person(id: string, about: Partial<NamedPerson> = {}): NamedPerson {
  return { id, name: `Name of ${id}`, party: 'guest', role: 'guest', wantsPrivacy: false, ...about };
}
const anna = person('anna', { party: 'own', role: 'host' });
const bert = person('bert', { party: 'own' });
const carl = person('carl', { party: 'acme' });
const dora = person('dora', { party: 'acme', role: 'host' });
const emil = person('emil');

test('by the rule real everybody is named as he names himself', () => {
  const names = new NameRule('real');
  for (const each of [anna, bert, carl, dora, emil]) {
    expect(names.shown(each, 'acme')).toBe(each.name);
    expect(names.tileLabel(each)).toBe(each.name);
  }
});

test('by the rule role other parties see what somebody is, and partners by the name of their organisation', () => {
  const names = new NameRule('role');
  expect([anna, bert, carl, dora, emil].map((each) => names.shown(each, 'globex'))).toEqual([
    'Host 1',
    'Guest 1',
    'Partner acme 1',
    'Partner acme 2',
    'Guest 2',
  ]);
});

test('by the rule opaque neither role nor organisation is seen', () => {
  const names = new NameRule('opaque');
  expect([anna, carl, emil].map((each) => names.shown(each, 'globex'))).toEqual([
    'Guest 1',
    'Guest 2',
    'Guest 3',
  ]);
});

test('those of one organisation see each other’s names whatever the rule is', () => {
  for (const rule of ['role', 'opaque'] as const) {
    const names = new NameRule(rule);
    expect(names.shown(anna, 'own')).toBe(anna.name);
    expect(names.shown(dora, 'acme')).toBe(dora.name);
    expect(names.shown(dora, 'own')).not.toBe(dora.name);
  }
});

test('guests are strangers to each other, so they are of no own party', () => {
  expect(new NameRule('opaque').shown(emil, 'guest')).toBe('Guest 1');
});

test('the picture, which everybody sees, says what strangers may see', () => {
  const names = new NameRule('role');
  expect(names.shown(anna, 'own')).toBe(anna.name);
  expect(names.tileLabel(anna)).toBe('Host 1');
  expect(names.tileLabel(carl)).toBe('Partner acme 1');
});

test('who asked for privacy is anonymous to all, his own organisation included', () => {
  const names = new NameRule('real');
  const hidden = { ...anna, wantsPrivacy: true };
  const other = { ...carl, wantsPrivacy: true };
  expect(names.shown(hidden, 'own')).toBe('Anonymous');
  expect(names.tileLabel(hidden)).toBe('Anonymous');
  expect(names.shown(other, 'own')).toBe('Anonymous 2');
});

test('a name stays with a person, also when his role changes, and is not given away when he left', () => {
  const names = new NameRule('role');
  expect(names.tileLabel(bert)).toBe('Guest 1');
  expect(names.tileLabel(emil)).toBe('Guest 2');
  expect(names.tileLabel({ ...bert, role: 'host' })).toBe('Guest 1');
  expect(names.tileLabel(person('frida'))).toBe('Guest 3');
});

test('a partner’s people follow the partner’s own rule', () => {
  const names = new NameRule('real', { acme: 'opaque' });
  expect(names.tileLabel(carl)).toBe('Guest 1');
  expect(names.tileLabel(anna)).toBe(anna.name);
});

test('by role and opaque no picture ever has a name of anybody, and no two people have the same', () => {
  const anybody = fc.record({
    id: fc.uuid(),
    name: fc.string({ minLength: 12 }),
    party: fc.constantFrom('own', 'guest', 'acme', 'globex', '__proto__'),
    role: fc.constantFrom('host' as const, 'guest' as const),
    wantsPrivacy: fc.boolean(),
  });
  const rule = fc.constantFrom('role' as const, 'opaque' as const);
  fc.assert(
    fc.property(rule, fc.uniqueArray(anybody, { selector: ({ id }) => id }), (each, people) => {
      const names = new NameRule(each);
      const labels = people.map((one) => names.tileLabel(one));
      expect(new Set(labels).size).toBe(people.length);
      for (const { name } of people) expect(labels).not.toContain(name);
      expect(people.map((one) => names.tileLabel(one))).toEqual(labels);
    }),
  );
});
