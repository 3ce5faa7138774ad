import { expect, test } from 'vitest';
import { configSchema, embeddedDefault, type ConfigInput } from '#src/config/index.ts';
import { zoneAddresses } from '#src/zoneAddresses.ts';
import { testRecipient } from '#test/support/governance.ts';
import type { ZoneAddresses } from '#zones/index.ts';

const media = { webrtcPort: 20_000, ports: { min: 20_002, max: 20_100 } };

const owner = { recipient: testRecipient, reviewBy: '2099-12-31' };

function addresses(
  listener: ConfigInput['listener'] = {},
  zone: Partial<ConfigInput['zones'][number]> = {},
): ZoneAddresses {
  const ports = { sip: 5061, https: 8443, coreSip: 5062, media: { core: media, meetme: media } };
  const { zones } = embeddedDefault('/data', ports, owner);
  const meetme = zones.find(({ name }) => name === 'meetme') ?? zones[0];
  if (meetme === undefined) throw new Error('no zone');
  const changed = { ...meetme, domains: ['meet.example.org'], default: false, ...zone };
  const config = configSchema.parse({ listener, zones: [changed] });
  const [parsed] = config.zones;
  if (parsed === undefined) throw new Error('no zone');
  return zoneAddresses(config, parsed);
}

test('a zone is reached by its first name, and ports that everybody knows are not written', () => {
  const names = { domains: ['meet.example.org', 'other.example.org'] };
  expect(addresses({ https_port: 443 }, names)).toEqual({
    https: 'https://meet.example.org',
    sip: 'sip:{room}@meet.example.org',
    linked: [],
  });
  expect(addresses({ sip_port: 6061, https_port: 9443 })).toEqual({
    https: 'https://meet.example.org:9443',
    sip: 'sip:{room}@meet.example.org:6061',
    linked: [],
  });
});

test('behind a balancer its ports are told', () => {
  expect(addresses({ sip_port: 6061, announced_sip_port: 5061, announced_https_port: 443 })).toEqual({
    https: 'https://meet.example.org',
    sip: 'sip:{room}@meet.example.org',
    linked: [],
  });
});

test('a zone with a SIP port of its own is dialled there, unless it is the default', () => {
  const listen = [{ protocol: 'sip', port: 5071 }] as const;
  expect(addresses({}, { listen: [...listen] }).sip).toBe('sip:{room}@meet.example.org:5071');
  expect(addresses({}, { listen: [...listen], default: true }).sip).toBe('sip:{room}@meet.example.org');
});

test('what only this machine reaches is dialled by its address, because phones do not know localhost names', () => {
  expect(addresses({ addresses: ['127.0.0.1'] })).toEqual({
    https: 'https://meet.example.org:8443',
    sip: 'sip:{room}@127.0.0.1',
    linked: [],
  });
  expect(addresses({ addresses: ['::1'], sip_port: 6061 }).sip).toBe('sip:{room}@[::1]:6061');
});

test('an IPv6 address as a name has brackets', () => {
  expect(addresses({}, { domains: ['2001:db8::1'] })).toEqual({
    https: 'https://[2001:db8::1]:8443',
    sip: 'sip:{room}@[2001:db8::1]',
    linked: [],
  });
});

test('a zone is told where those are that it may dial into, by their own port or the shared one, and of no other', () => {
  const ports = { sip: 6061, https: 8443, coreSip: 6062, media: { core: media, meetme: media } };
  const config = configSchema.parse(embeddedDefault('/data', ports, owner));
  const [core, meetme] = config.zones;
  if (core === undefined || meetme === undefined) throw new Error('no zones');
  expect(zoneAddresses(config, core).linked).toEqual([
    { name: 'meetme', domains: meetme.domains, address: '127.0.0.1', port: 6061 },
  ]);
  expect(zoneAddresses(config, meetme).linked).toEqual([]);
  const back = { ...config, listener: { ...config.listener, addresses: ['::'] } };
  expect(zoneAddresses(back, core).linked).toMatchObject([{ address: '::1' }]);
  expect(zoneAddresses(config, { ...meetme, links: ['core'] }).linked).toMatchObject([
    { name: 'core', address: '127.0.0.1', port: 6062 },
  ]);
});
