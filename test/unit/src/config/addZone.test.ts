import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addZone, faultText, parseConfig, type NewZone } from '#src/config/index.ts';
import { testRecipient } from '#test/support/governance.ts';

const partner: NewZone = {
  ...{ name: 'partner', kind: 'meetme', domain: 'partner.example', address: '192.0.2.9' },
  ...{ owner: 'security@partner.example', reviewBy: '2099-12-31', recipients: [testRecipient], networks: [] },
};

test('a zone is added to a new file, which is valid then', () => {
  const text = addZone('z.yaml', undefined, partner);
  const { config, faults } = parseConfig('z.yaml', text);
  expect(faults.map(faultText)).toEqual([]);
  expect(config?.zones).toMatchObject([
    { name: 'partner', kind: 'meetme', domains: ['partner.example'], media: { address: '192.0.2.9' } },
  ]);
  expect(config?.zones[0]).toMatchObject({
    guests: { model: 'deny', owner: 'security@partner.example', review_by: '2099-12-31' },
    records: { recipients: [testRecipient] },
  });
});

test('a zone is added to the sample with ports that no other has, and not a byte of the rest changes', () => {
  const sample = readFileSync(new URL('../../../../config.sample.yaml', import.meta.url), 'utf8');
  const text = addZone('z.yaml', sample, partner);
  expect(text.startsWith(sample)).toBe(true);
  expect(parseConfig('z.yaml', text).config?.zones.at(-1)?.name).toBe('partner');
});

test('what comes after the zones stays after them', () => {
  const one = addZone('z.yaml', undefined, partner);
  const text = addZone('z.yaml', `${one}\n# the end\nlog_level: warn # quiet\n`, {
    ...partner,
    name: 'other',
    domain: 'other.example',
  });
  expect(text.endsWith('\n# the end\nlog_level: warn # quiet\n')).toBe(true);
  expect(parseConfig('z.yaml', text).config).toMatchObject({
    log_level: 'warn',
    zones: [{ name: 'partner' }, { name: 'other' }],
  });
});

test('zones can be added again and again, also to a list that is not indented, without a line break at the end', () => {
  let text = addZone('z.yaml', undefined, partner).replaceAll(/^ {2}/gm, '').trimEnd();
  for (let index = 0; index < 5; index += 1) {
    text = addZone('z.yaml', text, { ...partner, name: `zone-${index}`, domain: `${index}.example` });
  }
  const { config, faults } = parseConfig('z.yaml', text);
  expect(faults.map(faultText)).toEqual([]);
  expect(config?.zones).toHaveLength(6);
});

test.each([
  [
    'a name that is there already',
    { ...partner, domain: 'other.example' },
    /the name partner is given more than once/,
  ],
  [
    'a domain that another zone has',
    { ...partner, name: 'other' },
    /the domain partner.example is given more than once/,
  ],
  [
    'a name that cannot be one',
    { ...partner, name: 'No Name', domain: 'other.example' },
    /must be 1 to 32 of/,
  ],
])('%s is refused', (_what, zone, message) => {
  const text = addZone('z.yaml', undefined, partner);
  expect(() => addZone('z.yaml', text, zone)).toThrow(message);
});

test('a file with faults, or with zones in one line, is left alone', () => {
  expect(() => addZone('z.yaml', 'zones: 1\n', partner)).toThrow(/z\.yaml:1:1: zones: must be a list/);
  const oneLine = `zones: [${JSON.stringify(parseConfig('z.yaml', addZone('z.yaml', undefined, partner)).config?.zones[0])}]\n`;
  expect(() => addZone('z.yaml', oneLine, { ...partner, name: 'b', domain: 'b.example' })).toThrow(
    /begin with "-"/,
  );
});
