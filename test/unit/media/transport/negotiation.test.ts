import { expect, test } from 'vitest';
import { audioCodecNames, errorCodeOf, type AudioDescription } from '#kernel/index.ts';
import { chooseKey } from '#media/transport/endpoint/sdes.ts';
import { endpointKindOf, negotiate, receives, settle } from '#media/transport/negotiation.ts';
import { ownProfile, profileOf, routerCodecs } from '#media/transport/payloadProfile.ts';
import { opus, pcma, pcmu } from '#test/support/TestPhone.ts';

const offer: AudioDescription = {
  direction: 'sendrecv',
  codecs: [pcmu, pcma, opus(96)],
  telephoneEvent: { payloadType: 101, clockRateHz: 8000 },
  security: { kind: 'none' },
  address: '192.0.2.1',
  port: 4000,
  rtcpMux: false,
  headerExtensions: {},
};

test('our order of codecs decides, with the numbers of the offer', () => {
  expect(negotiate(offer, audioCodecNames).codec).toEqual(opus(96));
  expect(negotiate(offer, ['PCMA', 'opus']).codec).toEqual(pcma);
  expect(() => negotiate(offer, ['G722'])).toThrow('no common codec');
});

test('offers with the same numbers share a profile, whatever their order', () => {
  const { key } = profileOf(offer, audioCodecNames);
  expect(profileOf({ ...offer, codecs: [opus(96), pcma, pcmu] }, audioCodecNames).key).toBe(key);
  expect(profileOf({ ...offer, codecs: [opus(97), pcma, pcmu] }, audioCodecNames).key).not.toBe(key);
  expect(profileOf({ codecs: offer.codecs }, audioCodecNames).key).not.toBe(key);
});

test('a codec that is offered twice is taken once, so that a router can be made of it', () => {
  const profile = profileOf({ codecs: [opus(96), opus(97), pcmu] }, audioCodecNames);
  expect(profile.codecs).toEqual([opus(96), pcmu]);
});

test('telephone-event has its own number in the router, under another name', () => {
  const numbers = routerCodecs(profileOf(offer, audioCodecNames)).map((codec) => codec.preferredPayloadType);
  expect(numbers).toEqual([96, 8, 0, 101]);
  expect(
    new Set(routerCodecs(ownProfile(audioCodecNames)).map((codec) => codec.preferredPayloadType)).size,
  ).toBe(5);
});

test('an answer may only use what was offered', () => {
  const profile = ownProfile(audioCodecNames);
  expect(settle(profile, { ...offer, codecs: [pcmu] }).codec.name).toBe('PCMU');
  expect(() => settle(profile, { ...offer, codecs: [opus(96)] })).toThrow('no codec of our offer');
});

test('what secures the media decides which endpoint it gets', () => {
  const dtls = { kind: 'dtls', fingerprints: [], setup: 'actpass' } as const;
  const ice = { usernameFragment: 'u', password: 'p', lite: false, candidates: [] };
  expect(endpointKindOf({ ...offer, security: dtls, ice }, false)).toBe('ice');
  expect(endpointKindOf({ ...offer, security: dtls }, false)).toBe('dtls');
  expect(endpointKindOf({ ...offer, security: { kind: 'sdes', keys: [] } }, false)).toBe('rtp');
  expect(endpointKindOf(offer, true)).toBe('rtp');
  let code: string | undefined;
  try {
    endpointKindOf(offer, false);
  } catch (error) {
    code = errorCodeOf(error);
  }
  expect(code).toBe('not-acceptable');
});

test('an unspecified address is hold, but not with ICE', () => {
  expect(receives(offer)).toBe(true);
  expect(receives({ ...offer, address: '0.0.0.0' })).toBe(false);
  const ice = { usernameFragment: 'u', password: 'p', lite: false, candidates: [] };
  expect(receives({ ...offer, address: '0.0.0.0', port: 9, ice })).toBe(true);
});

test('the strongest usable key is chosen, and the suite in use is kept', () => {
  const weak = {
    tag: 1,
    suite: 'AES_CM_128_HMAC_SHA1_80',
    key: Buffer.alloc(30).toString('base64'),
  } as const;
  const strong = { tag: 2, suite: 'AEAD_AES_256_GCM', key: Buffer.alloc(44).toString('base64') } as const;
  expect(chooseKey([weak, strong], undefined)).toBe(strong);
  expect(chooseKey([weak, strong], weak.suite)).toBe(weak);
  expect(chooseKey([strong], weak.suite)).toBe(strong);
  expect(chooseKey([{ ...strong, key: 'AAAA' }, weak], undefined)).toBe(weak);
  expect(chooseKey([], undefined)).toBeUndefined();
});
