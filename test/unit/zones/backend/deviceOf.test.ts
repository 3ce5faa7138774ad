import { expect, test } from 'vitest';
import { bareProduct, deviceOf } from '#zones/backend/deviceOf.ts';

/** As they stand in User-Agent and Server of real calls. */
const products: readonly (readonly [text: string, deviceClass: string, product: string])[] = [
  ['Pexip Infinity Conferencing Platform/28 (67306.0.0)', 'mcu', 'Pexip Infinity'],
  ['Acano CallBridge', 'mcu', 'Cisco Meeting Server'],
  ['TANDBERG/4352 (XC4.3.0)', 'mcu', 'Cisco TelePresence Conductor'],
  ['Cisco TelePresence Server 7010', 'mcu', 'Cisco TelePresence Server'],
  ['Polycom RMX 2000', 'mcu', 'Poly Collaboration Server'],
  ['FreeSWITCH-mod_sofia/1.10.9-release', 'mcu', 'FreeSWITCH'],
  ['Asterisk PBX 20.5.0', 'mcu', 'Asterisk'],
  ['FPBX-16.0.40(18.9)', 'mcu', 'Asterisk'],
  ['ZoomCRC/5.2', 'mcu', 'Zoom CRC'],
  ['BlueJeans', 'mcu', 'BlueJeans'],
  ['TANDBERG/4137 (X12.5.9)', 'gateway', 'Cisco Expressway'],
  ['TANDBERG/4352 (X8.7.3-b2bua-1.0)', 'gateway', 'Cisco Expressway'],
  ['Cisco-CUCM12.5', 'gateway', 'Cisco Unified CM'],
  ['Jigasi', 'gateway', 'Jigasi'],
  ['kamailio (5.5.4 (x86_64/linux))', 'gateway', 'Kamailio'],
  ['OpenSIPS (3.2.5 (x86_64/linux))', 'gateway', 'OpenSIPS'],
  ['Mediant VE SBC/v.7.40A', 'gateway', 'AudioCodes SBC'],
  ['Oracle SBC', 'gateway', 'Oracle SBC'],
  ['Microsoft.PSTNHub.SIPProxy v.2024.1.9.1', 'gateway', 'Microsoft Teams direct routing'],
  ['TANDBERG/529 (ce9.1.4.3ae3106) Cisco-MX700ST', 'room-system', 'Cisco RoomOS'],
  ['TANDBERG/518 (TC6.1.2)', 'room-system', 'Cisco RoomOS'],
  ['Cisco-CP8845/12.0.1', 'room-system', 'Cisco IP Phone'],
  ['PolycomRealPresenceTrio-Trio_8800-UA/5.9.5', 'room-system', 'Poly Trio'],
  ['PolycomVVX-VVX_411-UA/5.9.3', 'room-system', 'Poly VVX'],
  ['PolyStudioX50/4.1.0', 'room-system', 'Poly Studio X'],
  ['Polycom RealPresence Group 500/6.2.2', 'room-system', 'Poly Group'],
  ['Yealink MeetingEye 600 120.300.0.35', 'room-system', 'Yealink MeetingEye'],
  ['Yealink SIP-T58W 150.86.0.5', 'room-system', 'Yealink phone'],
  ['Yealink VC800 63.345.0.40', 'room-system', 'Yealink VC'],
  ['Zoom Rooms/5.16', 'room-system', 'Zoom Rooms'],
  ['snomD785/10.1.84.12', 'room-system', 'Snom'],
  ['AUDC-IPPhone/3.4.2 (450HD; AudioCodes)', 'room-system', 'AudioCodes phone'],
  ['Grandstream GXP2160 1.0.11.48', 'room-system', 'Grandstream phone'],
  ['baresip v3.10.1 (x86_64/Linux)', 'softphone', 'baresip'],
  ['LinphoneAndroid/5.2.4 (Pixel 7) LinphoneSDK/5.3.40', 'softphone', 'Linphone'],
  ['MicroSIP/3.21.3', 'softphone', 'MicroSIP'],
  ['Z 5.6.1 v2.10.19.9', 'softphone', 'Zoiper'],
  ['TANDBERG/775 (MCX 4.8.12.18951) - Windows', 'softphone', 'Cisco Jabber'],
];

test.each(products)('%s is a %s, %s', (text, deviceClass, product) => {
  expect(deviceOf(text, 'sip')).toEqual({ class: deviceClass, product });
});

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

test('a browser is known by its own name, whatever others it names too', () => {
  const safari =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15';
  expect(deviceOf(chrome, 'web')).toEqual({ class: 'browser', product: 'Chrome' });
  expect(deviceOf(`${chrome} Edg/141.0.0.0`, 'web').product).toBe('Edge');
  expect(deviceOf(`${chrome} OPR/124.0`, 'web').product).toBe('Opera');
  expect(deviceOf(safari, 'web').product).toBe('Safari');
  expect(
    deviceOf('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'web').product,
  ).toBe('Firefox');
});

test('a program that opens the page is no browser, and a phone that names one is none either', () => {
  expect(deviceOf('curl/8.5.0', 'web')).toEqual({ class: 'unknown', product: 'curl' });
  expect(deviceOf(chrome, 'sip').class).toBe('unknown');
});

test('of a product that nobody entered the bare name is kept, without version, build or odd characters', () => {
  expect(deviceOf('Super Phone/1.2.3 (build 7)', 'sip')).toEqual({
    class: 'unknown',
    product: 'Super Phone',
  });
  expect(deviceOf('Handset v4.5', 'sip').product).toBe('Handset');
  expect(deviceOf('Ev\u0000il"<b>\u202e/1', 'sip').product).toBe('Evilb');
  expect(deviceOf('x'.repeat(500), 'sip').product).toHaveLength(40);
});

test('a device that says nothing is unknown', () => {
  expect(deviceOf(undefined, 'sip')).toEqual({ class: 'unknown', product: 'unknown' });
  expect(deviceOf('  ', 'web')).toEqual({ class: 'unknown', product: 'unknown' });
});

/** The shortest of several times, in milliseconds. */
function timeOf(userAgent: string): number {
  const times = Array.from({ length: 8 }, () => {
    const began = performance.now();
    bareProduct(userAgent);
    deviceOf(`x${userAgent}`, 'sip');
    deviceOf(`Mozilla/${userAgent}`, 'web');
    return performance.now() - began;
  });
  return Math.min(...times);
}

test.each([' ', '\t', 'avaya', 'Version/1 ', 'huawei'])(
  'a name of ten times the length takes no hundred times as long: %j',
  (part) => {
    const text = (length: number): string => part.repeat(length / part.length);
    expect(timeOf(text(100_000))).toBeLessThan(40 * timeOf(text(10_000)));
  },
);
