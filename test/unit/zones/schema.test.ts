import { expect, test } from 'vitest';
import { governance } from '#test/support/governance.ts';
import { zoneSchema } from '#zones/index.ts';

const zone = {
  name: 'meetme',
  kind: 'meetme',
  ...governance,
  domains: ['meet.example.org', '192.0.2.10'],
  tls: { certificate: 'meet.pem', key: 'meet.key' },
  media: { address: '192.0.2.10', ports: { min: 40000, max: 40999 }, webrtc_port: 41000 },
  rooms: [{ name: 'welcome' }],
};

test('a zone needs a name, a kind, guests, a policy, an owner of its records, domains, a certificate, media and a room; the rest has defaults', () => {
  expect(zoneSchema.parse(zone)).toMatchObject({
    default: false,
    sip: { advertise_focus: true, cleartext: [] },
    media: {
      audio_codecs: ['opus', 'G722', 'PCMA', 'PCMU'],
      max_talkers: 8,
      video: {
        ...{ enabled: true, codecs: ['VP8', 'H264'], frame_rate: 30, max_bitrate: 1_500_000 },
        ...{ encode_budget: 4, max_load_percent: 70, when_full: 'refuse' },
      },
    },
    rooms: [{ name: 'welcome', capacity: 250, layout: 'auto', hosts: 'everyone' }],
  });
});

function withVideo(video: Record<string, unknown>): unknown {
  return { ...zone, media: { ...zone.media, video } };
}

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
  ['a frame rate that is too low', withVideo({ frame_rate: 10 })],
  ['no video codec', withVideo({ codecs: [] })],
  ['an unknown key of video', withVideo({ fps: 30 })],
  ['a layout that there is not', { ...zone, rooms: [{ name: 'welcome', layout: '5x5' }] }],
  ['hosts that cannot be told apart yet', { ...zone, rooms: [{ name: 'welcome', hosts: 'managers' }] }],
  ['a banner without a text', { ...zone, banner: { text: '', color: '#0a5d7d' } }],
  ['a banner in a colour by name', { ...zone, banner: { text: 'Hello', color: 'teal' } }],
  ['a banner whose colour was read as a comment', { ...zone, banner: { text: 'Hello', color: null } }],
  ['a network with too many bits', { ...zone, proxy_protocol: ['192.0.2.0/33'] }],
])('%s is refused', (_what, value) => {
  expect(zoneSchema.safeParse(value).success).toBe(false);
});

test('media may be received on all addresses when far ends are told another', () => {
  const media = { ...zone.media, address: '0.0.0.0', announced_address: '203.0.113.10' };
  expect(zoneSchema.safeParse({ ...zone, media }).success).toBe(true);
});
