import { expect, test } from 'vitest';
import { isListed } from '#kernel/index.ts';
import { RouteTable, type ZoneRoute } from '#src/listener/RouteTable.ts';

function route(domains: readonly string[], more: Partial<ZoneRoute> = {}): ZoneRoute {
  return { domains, isDefault: false, proxyProtocol: [], hand: () => true, ...more };
}

const core = route(['core.example']);
const meetme = route(['meet.example', '192.0.2.1'], { isDefault: true, proxyProtocol: ['198.51.100.0/24'] });

test('a name leads to the zone that has it, in any case and with or without the last dot', () => {
  const table = new RouteTable([core, meetme]);
  expect(table.find('core.example')).toBe(core);
  expect(table.find('CORE.Example.')).toBe(core);
  expect(table.find('192.0.2.1')).toBe(meetme);
});

test('no name, or an address that no zone has, leads to the default zone', () => {
  const table = new RouteTable([core, meetme]);
  expect(table.find(undefined)).toBe(meetme);
  expect(table.find('203.0.113.9')).toBe(meetme);
});

test('a name that no zone has leads nowhere, and so does no name without a default zone', () => {
  expect(new RouteTable([core, meetme]).find('elsewhere.example')).toBeUndefined();
  expect(new RouteTable([core]).find(undefined)).toBeUndefined();
  expect(new RouteTable([core]).find('203.0.113.9')).toBeUndefined();
});

test('it knows the balancers of all zones', () => {
  expect(isListed(new RouteTable([core, meetme]).balancers, '198.51.100.7')).toBe(true);
});
