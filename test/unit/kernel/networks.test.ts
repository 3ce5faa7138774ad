import { expect, test } from 'vitest';
import { isListed, networkList, plainAddress, sourceOf, uriHost } from '#kernel/index.ts';

test('a network list holds single addresses and networks of both families', () => {
  const list = networkList(['192.0.2.7', '198.51.100.0/24', '2001:db8::/32']);
  expect(list.check('192.0.2.7')).toBe(true);
  expect(list.check('192.0.2.8')).toBe(false);
  expect(list.check('198.51.100.200')).toBe(true);
  expect(list.check('2001:db8::1', 'ipv6')).toBe(true);
  expect(list.check('2001:db9::1', 'ipv6')).toBe(false);
});

test('text that is no address is in no list', () => {
  expect(isListed(networkList(['0.0.0.0/0', '::/0']), 'localhost')).toBe(false);
});

test('an IPv4 address that a dual-stack socket has seen is the same address', () => {
  expect(plainAddress('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(plainAddress('2001:db8::7')).toBe('2001:db8::7');
  expect(plainAddress('[2001:DB8:0:0::7]')).toBe('2001:db8::7');
  expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
  expect(plainAddress('phone.example')).toBe('phone.example');
  expect(isListed(networkList(['192.0.2.7']), '::ffff:192.0.2.7')).toBe(true);
});

test('limits count an IPv4 address by itself and an IPv6 address by its /64', () => {
  expect(sourceOf('192.0.2.7')).toBe('192.0.2.7');
  expect(sourceOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
  const inOneNetwork = ['2001:db8::1', '2001:DB8:0:0:9::', '2001:db8:0:0:1:2:3:4'].map(sourceOf);
  expect(new Set(inOneNetwork)).toEqual(new Set(['2001:db8:0:0']));
  expect(sourceOf('2001:db8:0:1::1')).not.toBe('2001:db8:0:0');
  expect(sourceOf('::1')).toBe('0:0:0:0');
});

test('an IPv6 address stands in brackets in a URI', () => {
  expect(uriHost('2001:db8::1')).toBe('[2001:db8::1]');
  expect(uriHost('192.0.2.7')).toBe('192.0.2.7');
});
