import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { NaptrRecord, SipDns, SrvRecord } from '#signaling/sip/stack/transport/dns.ts';
import { orderByWeight, resolveUri, type OutboundTransport } from '#signaling/sip/stack/transport/resolve.ts';

interface Zone {
  readonly naptr?: Readonly<Record<string, readonly Partial<NaptrRecord>[]>>;
  readonly srv?: Readonly<Record<string, readonly Partial<SrvRecord>[]>>;
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

function dnsOf(zone: Zone): SipDns {
  const naptr = { flags: 's', service: '', regexp: '', replacement: '', order: 0, preference: 0 };
  const srv = { priority: 0, weight: 0, port: 5060, name: '' };
  return {
    naptr: (name) => Promise.resolve((zone.naptr?.[name] ?? []).map((record) => ({ ...naptr, ...record }))),
    srv: (name) => Promise.resolve((zone.srv?.[name] ?? []).map((record) => ({ ...srv, ...record }))),
    addresses: (name) => {
      const found = zone.addresses?.[name];
      return found === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve([...found]);
    },
  };
}

interface Look {
  readonly zone?: Zone;
  readonly transports?: readonly OutboundTransport[];
  readonly sizeBytes?: number;
}

async function look(uri: string, { zone = {}, transports, sizeBytes }: Look = {}): Promise<string[]> {
  const options = {
    dns: dnsOf(zone),
    log: pino({ level: 'silent' }),
    random: () => 0.99,
    transports: transports ?? ['tls', 'tcp', 'udp'],
  };
  const targets = await resolveUri(uri, options, sizeBytes);
  return targets.map(({ transport, address, port, domain }) => `${transport} ${address} ${port} ${domain}`);
}

const a = { addresses: { 'example.com': ['192.0.2.1', '2001:db8::1'] } };

test.each([
  ['sip:192.0.2.1', ['udp 192.0.2.1 5060 192.0.2.1']],
  ['sip:[2001:DB8:0::1]:5070', ['udp 2001:db8::1 5070 2001:db8::1']],
  ['sips:a@192.0.2.1', ['tls 192.0.2.1 5061 192.0.2.1']],
  ['sip:192.0.2.1;transport=tcp', ['tcp 192.0.2.1 5060 192.0.2.1']],
  ['sip:192.0.2.1;transport=TLS', ['tls 192.0.2.1 5061 192.0.2.1']],
  ['sips:192.0.2.1:5099;transport=tcp', ['tls 192.0.2.1 5099 192.0.2.1']],
])('%s needs no look-up (RFC 3263 §4.1)', async (uri, expected) => {
  expect(await look(uri)).toEqual(expected);
});

test('a port rules out SRV: the name is looked up as it is (§4.2)', async () => {
  const zone = { ...a, srv: { '_sip._udp.example.com': [{ name: 'other.example.com' }] } };
  const expected = ['udp 192.0.2.1 5070 example.com', 'udp 2001:db8::1 5070 example.com'];
  expect(await look('sip:example.com:5070', { zone })).toEqual(expected);
});

test('NAPTR order and preference decide the transport, and its SRV names are asked (§4.1)', async () => {
  const zone = {
    naptr: {
      'example.com': [
        { order: 50, preference: 50, service: 'SIP+D2U', replacement: '_sip._udp.sip.example.com' },
        { order: 10, preference: 50, service: 'SIPS+D2T', replacement: '_sips._tcp.sip.example.com' },
        { order: 1, preference: 1, service: 'SIP+D2S', replacement: '_sip._sctp.sip.example.com' },
      ],
    },
    srv: {
      '_sips._tcp.sip.example.com': [{ name: 'tls.example.com', port: 443 }],
      '_sip._udp.sip.example.com': [{ name: 'udp.example.com' }],
    },
    addresses: { 'tls.example.com': ['192.0.2.7'], 'udp.example.com': ['192.0.2.8'] },
  };
  const expected = ['tls 192.0.2.7 443 example.com', 'udp 192.0.2.8 5060 example.com'];
  expect(await look('sip:example.com', { zone })).toEqual(expected);
  expect(await look('sips:example.com', { zone: { ...zone, ...{ srv: {} }, ...a } })).toEqual([
    'tls 192.0.2.1 5061 example.com',
    'tls 2001:db8::1 5061 example.com',
  ]);
});

test('without NAPTR the SRV of every transport that is open here is asked, TLS first', async () => {
  const zone = {
    srv: {
      '_sip._tcp.example.com': [{ name: 'b.example.com' }],
      '_sips._tcp.example.com': [{ name: 'b.example.com', port: 5061 }],
      '_sip._udp.example.com': [{ name: 'b.example.com' }],
    },
    addresses: { 'b.example.com': ['192.0.2.9'] },
  };
  const all = ['tls 192.0.2.9 5061', 'tcp 192.0.2.9 5060', 'udp 192.0.2.9 5060'];
  expect(await look('sip:example.com', { zone })).toEqual(all.map((place) => `${place} example.com`));
  expect(await look('sip:example.com', { zone, transports: ['tls'] })).toEqual([
    `${all[0] ?? ''} example.com`,
  ]);
});

test('lower priorities come first, and each name gives all its addresses (§4.3)', async () => {
  const zone = {
    srv: {
      '_sips._tcp.example.com': [
        { name: 'spare.example.com', priority: 20, port: 5061 },
        { name: 'main.example.com', priority: 10, port: 5062 },
        { name: 'gone.example.com', priority: 5, port: 5063 },
        { name: '.', priority: 1 },
      ],
    },
    addresses: { 'spare.example.com': ['192.0.2.3'], 'main.example.com': ['192.0.2.1', '2001:db8::2'] },
  };
  expect(await look('sips:example.com', { zone })).toEqual([
    'tls 192.0.2.1 5062 example.com',
    'tls 2001:db8::2 5062 example.com',
    'tls 192.0.2.3 5061 example.com',
  ]);
});

test('weights share the load as RFC 2782 says', () => {
  const records = [
    { name: 'light', weight: 10, priority: 1, port: 1 },
    { name: 'heavy', weight: 90, priority: 1, port: 1 },
    { name: 'zero', weight: 0, priority: 1, port: 1 },
  ];
  const first = Array.from({ length: 101 }, (_, i) => orderByWeight(records, () => i / 101)[0]?.name);
  expect(first.filter((name) => name === 'heavy')).toHaveLength(90);
  expect(first.filter((name) => name === 'light')).toHaveLength(10);
  expect(first.filter((name) => name === 'zero')).toHaveLength(1);
  expect(orderByWeight(records, () => 0.5)).toHaveLength(3);
});

test('a host without NAPTR and SRV is reached at the default port of the default transport', async () => {
  expect((await look('sip:example.com', { zone: a }))[0]).toBe('udp 192.0.2.1 5060 example.com');
  expect((await look('sip:example.com', { zone: a, transports: ['tls', 'tcp'] }))[0]).toContain('tcp');
  expect((await look('sip:example.com', { zone: a, transports: ['tls'] }))[0]).toBe(
    'tls 192.0.2.1 5061 example.com',
  );
});

test('a request too large for UDP goes over TCP, and over UDP when there is no TCP (RFC 3261 §18.1.1)', async () => {
  const large = { zone: a, sizeBytes: 1_301 };
  expect(await look('sip:192.0.2.1', large)).toEqual([
    'tcp 192.0.2.1 5060 192.0.2.1',
    'udp 192.0.2.1 5060 192.0.2.1',
  ]);
  expect(await look('sip:192.0.2.1', { ...large, transports: ['tls', 'udp'] })).toEqual([
    'udp 192.0.2.1 5060 192.0.2.1',
  ]);
  expect(await look('sip:192.0.2.1;transport=udp', large)).toEqual(['udp 192.0.2.1 5060 192.0.2.1']);
});

test('maddr says where to go, but the certificate must still be that of the domain', async () => {
  expect(await look('sip:example.com;maddr=192.0.2.99;transport=tls')).toEqual([
    'tls 192.0.2.99 5061 example.com',
  ]);
});

test('a NAPTR or SRV look-up that fails is as good as no record', async () => {
  const failing = dnsOf(a);
  const dns = { ...failing, naptr: () => Promise.reject(new Error('ETIMEOUT')) };
  const options = { dns, log: pino({ level: 'silent' }), random: () => 0, transports: ['tls'] as const };
  expect(await resolveUri('sip:example.com', options)).toHaveLength(2);
});

test.each([
  ['sip:nowhere.example'],
  ['tel:+15551234'],
  ['sip:192.0.2.1;transport=ws'],
  ['sips:192.0.2.1;transport=udp'],
])('%s cannot be reached', async (uri) => {
  await expect(look(uri)).rejects.toMatchObject({ code: 'unreachable' });
});

test('a transport that is not open here is not used, even when the URI names it', async () => {
  const closed = look('sip:192.0.2.1;transport=udp', { transports: ['tls'] });
  await expect(closed).rejects.toMatchObject({ code: 'unreachable' });
});

test('what is no SIP URI is a bad message', async () => {
  await expect(look('mailto:a@example.com')).rejects.toMatchObject({ code: 'bad-message', status: 416 });
});
