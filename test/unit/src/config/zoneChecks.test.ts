import { expect, test } from 'vitest';
import { governance } from '#test/support/governance.ts';
import { faultsOf, zone } from './zones.ts';

const pin = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA';
const acme = {
  ...{ name: 'acme', domains: ['acme.example'], contact: 'noc@acme.example', agreement: 'A-1' },
  expires: '2099-12-31',
};
const lobby = { ...governance.guests, model: 'lobby' as const };
const withCa = { tls: { certificate: 'a.pem', key: 'a.key', client_ca: 'ca.pem' } };
const standing = (uri: string, room = 'welcome'): { room: string; uri: string } => ({ room, uri });

test.each([
  ['a core zone without networks', zone('a', 'core', { networks: [] }), /networks is missing: a core zone/],
  [
    'a core zone whose people are everywhere',
    zone('a', 'core', { networks: ['10.0.0.0/8', '0.0.0.0/0'] }),
    /^- 0\.0\.0\.0\/0 \| 0\.0\.0\.0\/0 is everywhere, .*; write those networks, such as 10\.0\.0\.0\/8/,
  ],
  [
    'the same in IPv6',
    zone('a', 'core', { networks: ['10.0.0.0/8', '::/0'] }),
    /^- ::\/0 \| ::\/0 is everywhere/,
  ],
  [
    'partners without a CA that their certificates are from',
    zone('a', 'meetme', { partners: [acme] }),
    /^partners: \| partners are known by their certificates, so tls\.client_ca/,
  ],
  [
    'a partner twice',
    zone('a', 'meetme', { ...withCa, partners: [acme, { ...acme, domains: ['b.example'] }] }),
    /^- name: acme \| the partner acme is given more than once/,
  ],
  [
    'a domain that two partners have',
    zone('a', 'meetme', { ...withCa, partners: [acme, { ...acme, name: 'b' }] }),
    /^- acme\.example \| the partner domain acme\.example is given more than once/,
  ],
  [
    'a partner that is called like a party of another kind',
    zone('a', 'meetme', { ...withCa, partners: [{ ...acme, name: 'guest' }] }),
    /^- name: guest \| guest is what policies call/,
  ],
  [
    'a partner of whom records are kept for longer than any',
    zone('a', 'meetme', {
      ...withCa,
      records: { ...governance.records, retention_days: 30 },
      partners: [{ ...acme, retention_days: 31 }],
    }),
    /^retention_days: 31 \| records\.retention_days purges all after 30 days, so a partner cannot have 31/,
  ],
  [
    'a window that never opens',
    zone('a', 'meetme', {
      ...withCa,
      partners: [{ ...acme, windows: [{ days: ['mon'], from: '22:00', to: '06:00' }] }],
    }),
    /^to: .*06:00.* \| a window from 22:00 to 06:00 never opens/,
  ],
  [
    'an identity that no guest could show',
    zone('a', 'meetme', { guests: { ...governance.guests, identity_required: true } }),
    /^identity_required: true \| no guest could show who he is/,
  ],
  [
    'a lobby that nobody can let in from',
    zone('a', 'meetme', { guests: lobby, rooms: [{ name: 'welcome', hosts: 'nobody' }] }),
    /^hosts: nobody \| hosts is nobody, so guests\.model lobby could never be fulfilled/,
  ],
  [
    'a wait for a host who never comes',
    zone('a', 'meetme', { rooms: [{ name: 'welcome', hosts: 'nobody', wait_for_host: true }] }),
    /so wait_for_host could never be fulfilled/,
  ],
  [
    'a host PIN for nobody',
    zone('a', 'meetme', { rooms: [{ name: 'welcome', hosts: 'nobody', host_pin: pin }] }),
    /so host_pin could never be fulfilled/,
  ],
  [
    'a PIN and a code for the same guest',
    zone('a', 'meetme', {
      rooms: [{ name: 'welcome', guest_pin: pin, totp: { secret_file: 'totp' } }],
    }),
    /^totp: \| a guest types either a PIN or a code/,
  ],
  [
    'a standing call for a room that there is not',
    zone('a', 'meetme', {
      dial_out: { domains: 'any', standing: [standing('sips:b@b.example', 'attic')] },
    }),
    /^- room: attic \| the zone has no room attic; its rooms: welcome/,
  ],
  [
    'a standing call to where the zone may not call',
    zone('a', 'meetme', {
      dial_out: { domains: ['c.example'], standing: [standing('sips:b@b.example:5071;x=y')] },
    }),
    /^uri: .* \| b\.example is neither a domain of a zone in links nor in dial_out\.domains/,
  ],
])('%s is a fault', (_what, faulty, message) => {
  expect(faultsOf([faulty])).toEqual([expect.stringMatching(message)]);
});

test('standing calls to linked zones, here and elsewhere, and to named domains are as they should be', () => {
  const calls = ['sips:x@b.example', 'sips:x@far.example:5071', 'sip:x@OUT.example;transport=tls'];
  const dialOut = { domains: ['out.example'], standing: calls.map((uri) => standing(uri)) };
  expect(
    faultsOf([zone('a', 'meetme', { links: ['b', 'far'], dial_out: dialOut }), zone('b', 'meetme')], {
      remote_zones: [{ name: 'far', kind: 'external', domains: ['far.example'], address: '192.0.2.7' }],
    }),
  ).toEqual([]);
});

test('partners, lobby, codes and identity that fit together are as they should be', () => {
  const rooms = [{ name: 'welcome', hosts: 'policy', host_pin: pin, lobby: true, guest_pin: pin }] as const;
  const guests = { ...lobby, identity_required: true };
  expect(faultsOf([zone('a', 'meetme', { ...withCa, guests, partners: [acme], rooms: [...rooms] })])).toEqual(
    [],
  );
});
