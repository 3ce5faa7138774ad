import { expect, test } from 'vitest';
import { zoneSchema } from '#zones/index.ts';

const zone = {
  name: 'meetme',
  kind: 'meetme',
  domains: ['meet.example.org', '192.0.2.10'],
  tls: { certificate: 'meet.pem', key: 'meet.key' },
  media: { address: '192.0.2.10', ports: { min: 40000, max: 40999 }, webrtc_port: 41000 },
  rooms: [{ name: 'welcome' }],
};

test('a zone needs a name, a kind, domains, a certificate, media and a room; the rest has defaults', () => {
  expect(zoneSchema.parse(zone)).toMatchObject({
    default: false,
    sip: { advertise_focus: true, cleartext: [] },
    media: { audio_codecs: ['opus', 'G722', 'PCMA', 'PCMU'], max_talkers: 8 },
    rooms: [{ name: 'welcome', capacity: 250 }],
  });
});

test.each([
  ['an unknown key', { ...zone, colour: 'red' }],
  ['a room with the name of a path of the page', { ...zone, rooms: [{ name: 'assets' }] }],
  ['a room name in upper case', { ...zone, rooms: [{ name: 'Welcome' }] }],
  ['a domain with a space', { ...zone, domains: ['meet example'] }],
  ['an unspecified codec', { ...zone, media: { ...zone.media, audio_codecs: ['G729'] } }],
  [
    'a port range the wrong way round',
    { ...zone, media: { ...zone.media, ports: { min: 5000, max: 4000 } } },
  ],
  ['cleartext SIP without a reason', { ...zone, sip: { cleartext: [{ transport: 'udp', port: 5060 }] } }],
  ['plain RTP without a reason', { ...zone, media: { ...zone.media, plain_rtp: {} } }],
  ['media that is told to go to all addresses', { ...zone, media: { ...zone.media, address: '0.0.0.0' } }],
  ['a network with too many bits', { ...zone, proxy_protocol: ['192.0.2.0/33'] }],
])('%s is refused', (_what, value) => {
  expect(zoneSchema.safeParse(value).success).toBe(false);
});

test('media may be received on all addresses when far ends are told another', () => {
  const media = { ...zone.media, address: '0.0.0.0', announced_address: '203.0.113.10' };
  expect(zoneSchema.safeParse({ ...zone, media }).success).toBe(true);
});
