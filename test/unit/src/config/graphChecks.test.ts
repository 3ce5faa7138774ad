import { expect, test } from 'vitest';
import { governance } from '#test/support/governance.ts';
import { faultsOf, zone } from './zones.ts';

const acme = {
  ...{ name: 'acme', domains: ['acme.example'], contact: 'noc@acme.example', agreement: 'A-1' },
  expires: '2099-12-31',
};
const withCa = { tls: { certificate: 'a.pem', key: 'a.key', client_ca: 'ca.pem' } };

test('zones that meet in a meetme zone have no fault, whoever dials and however far the ways go', () => {
  expect(
    faultsOf([
      zone('core', 'core', { links: ['lab', 'meetme'] }),
      zone('lab', 'core', { within: 'core', links: ['meetme'] }),
      zone('vault', 'core', { within: 'lab' }),
      zone('meetme', 'meetme', { ...governance, ...withCa, partners: [acme], dial_out: { domains: 'any' } }),
      zone('side', 'meetme', { within: 'meetme', links: ['partner'] }),
      zone('partner', 'external', { links: ['meetme'], ...governance }),
    ]),
  ).toEqual([]);
});

test('a core zone that links to an external one is told with the way, where the link is', () => {
  expect(
    faultsOf([zone('core', 'core', { links: ['partner-ext'] }), zone('partner-ext', 'external')]),
  ).toEqual([
    expect.stringMatching(/^- partner-ext \| core -> partner-ext: a way between a core zone and the outside/),
  ]);
});

test('an external zone that may dial into a core zone is the same fault, told at its own link', () => {
  expect(faultsOf([zone('core', 'core'), zone('partner', 'external', { links: ['core'] })])).toEqual([
    expect.stringMatching(/^- core \| core -> partner: /),
  ]);
});

test('a way through another core zone is told once, from its far end, with all zones that it is open to', () => {
  const faults = faultsOf([
    zone('core', 'core', { links: ['lab'] }),
    zone('lab', 'core', { links: ['partner-ext'] }),
    zone('store', 'core', { links: ['core'] }),
    zone('partner-ext', 'external'),
  ]);
  expect(faults).toEqual([
    expect.stringMatching(
      /^- partner-ext \| store -> core -> lab -> partner-ext: .* The same way is open to lab, core\./,
    ),
  ]);
});

test.each([
  ['guests', { guests: governance.guests }, /^model: allow \| core -> the open internet: .*must be deny/],
  ['a partner', { ...withCa, partners: [acme] }, /^- name: acme \| core -> partner acme: /],
  [
    'calls to anywhere',
    { dial_out: { domains: 'any' as const } },
    /^domains: any \| core -> the open internet: /,
  ],
  [
    'calls to domains outside',
    { dial_out: { domains: ['a.example', 'b.example'] } },
    /^domains: \| core -> a\.example, b\.example: .*remote_zones/,
  ],
])('a core zone with %s is joined with the outside', (_what, more, message) => {
  expect(faultsOf([zone('core', 'core', more)])).toEqual([expect.stringMatching(message)]);
});

test.each([
  ['here', ['core.example'], /^- core\.example \| core -> shop: /],
  ['in other letters', ['a.example', 'CORE.Example.'], /^- CORE\.Example\. \| core -> shop: /],
  ['on another server', ['far.example'], /^- far\.example \| far -> shop: /],
  ['whatever it is called', 'any', /^domains: any \| core -> shop: .*name only what this zone may call/],
] as const)(
  'a call from outside to the domain of a core zone is a way into it: %s',
  (_what, domains, message) => {
    const shop = zone('shop', 'external', {
      dial_out: { domains: typeof domains === 'string' ? domains : [...domains] },
    });
    const far = { name: 'far', kind: 'core' as const, domains: ['far.example'], address: '192.0.2.7' };
    const faults = faultsOf([zone('core', 'core'), shop], { remote_zones: [far] });
    expect(faults[0]).toMatch(message);
    // Of any, each core zone that could be called so is told.
    expect(faults).toHaveLength(domains === 'any' ? 2 : 1);
  },
);

test('a standing call from outside to a core zone is the same way, and needs its domain to be named', () => {
  const dialOut = (domains: string[]): object => ({
    dial_out: { domains, standing: [{ room: 'welcome', uri: 'sips:board@core.example' }] },
  });
  const told = (domains: string[]): readonly string[] =>
    faultsOf([zone('core', 'core'), zone('shop', 'external', dialOut(domains))]);
  expect(told([])).toEqual([expect.stringMatching(/^uri: .*core\.example is neither a domain of a zone/)]);
  expect(told(['core.example'])).toEqual([expect.stringMatching(/core -> shop: /)]);
});

test('a part of an external zone that may call anybody is as much outside as the zone itself', () => {
  const desk = zone('desk', 'meetme', { within: 'shop', dial_out: { domains: 'any' } });
  expect(faultsOf([zone('core', 'core'), zone('shop', 'external'), desk])).toEqual([
    expect.stringMatching(/^domains: any \| core -> desk: /),
  ]);
});

test('a zone that is called by its domain counts by its kind, as if it were linked', () => {
  const calls = (domains: string[]): object => ({ dial_out: { domains } });
  const ours = [
    zone('lab', 'core'),
    zone('meetme', 'meetme'),
    zone('shop', 'external', calls(['meetme.example'])),
  ];
  expect(
    faultsOf([zone('core', 'core', calls(['lab.example', 'meetme.example', 'core.example'])), ...ours]),
  ).toEqual([]);
  expect(faultsOf([zone('core', 'core', calls(['shop.example'])), ...ours])).toEqual([
    expect.stringMatching(/^- shop\.example \| core -> shop: /),
  ]);
  // A name of somebody else's, and not our zone.
  expect(faultsOf([zone('core', 'core', calls(['meetme'])), ...ours])).toEqual([
    expect.stringMatching(/core -> the domain meetme: /),
  ]);
});

test('a meetme zone that is a part of an external one is not neutral, however deep', () => {
  const faults = faultsOf([
    zone('core', 'core', { links: ['inner'] }),
    zone('outer', 'external'),
    zone('middle', 'meetme', { within: 'outer' }),
    zone('inner', 'meetme', { within: 'middle' }),
  ]);
  expect(faults).toEqual([expect.stringMatching(/^- inner \| core -> inner: /)]);
});

test('a core zone that is a part of an external one is joined with it', () => {
  expect(faultsOf([zone('outer', 'external'), zone('core', 'core', { within: 'outer' })])).toEqual([
    expect.stringMatching(/^within: outer \| core -> outer: /),
  ]);
});

test('what is within a core zone is core, however deep', () => {
  expect(
    faultsOf([
      zone('core', 'core'),
      zone('lab', 'core', { within: 'core' }),
      zone('desk', 'meetme', { within: 'lab' }),
    ]),
  ).toEqual([
    expect.stringMatching(/^kind: meetme \| desk is within the core zone lab, so it must be core too/),
  ]);
});

test('zones that are parts of each other are told, and those in them are not blamed', () => {
  const faults = faultsOf([
    zone('a', 'meetme', { within: 'b' }),
    zone('b', 'meetme', { within: 'a' }),
    zone('c', 'meetme', { within: 'a' }),
    zone('self', 'meetme', { within: 'self' }),
  ]);
  expect(faults).toEqual([
    expect.stringMatching(/^within: b \| a within b within a: /),
    expect.stringMatching(/^within: a \| b within a within b: /),
    expect.stringMatching(/^within: self \| self within self: /),
  ]);
});

test('links and within name zones that there are, and not the zone itself', () => {
  expect(faultsOf([zone('a', 'meetme', { links: ['b', 'a'], within: 'c' })])).toEqual([
    expect.stringMatching(/^- b \| there is no zone b to dial into; zones here: a$/),
    expect.stringMatching(/^- a \| a need not link to itself$/),
    expect.stringMatching(/^within: c \| there is no zone c on this server to be a part of/),
  ]);
});

test('a zone of another server can be linked to, and counts by its kind', () => {
  const elsewhere = (kind: 'meetme' | 'external'): Parameters<typeof faultsOf>[1] => ({
    remote_zones: [{ name: 'far', kind, domains: ['far.example'], address: '192.0.2.7' }],
  });
  const core = zone('core', 'core', { links: ['far'] });
  expect(faultsOf([core], elsewhere('meetme'))).toEqual([]);
  expect(faultsOf([core], elsewhere('external'))).toEqual([expect.stringMatching(/core -> far: /)]);
  expect(faultsOf([zone('far', 'core')], elsewhere('meetme'))).toEqual([
    expect.stringMatching(/^- name: far \| the name far is given more than once/),
  ]);
});

test('a faulty value elsewhere hides no way', () => {
  const zones = [zone('core', 'core', { links: ['ext'] }), zone('ext', 'external', { domains: [] })];
  expect(faultsOf(zones).filter((fault) => fault.includes('core -> ext'))).toHaveLength(1);
});

test('sixty zones in one chain, each in the one before, are checked in no time', () => {
  const chain = Array.from({ length: 60 }, (_, index) =>
    zone(`z${index}`, 'core', index === 0 ? {} : { within: `z${index - 1}`, links: ['z0'] }),
  );
  const started = performance.now();
  expect(faultsOf([...chain, zone('ext', 'external', { links: ['z59'] })])).toEqual([
    expect.stringMatching(/-> z59 -> ext: /),
  ]);
  expect(performance.now() - started).toBeLessThan(3_000);
});
