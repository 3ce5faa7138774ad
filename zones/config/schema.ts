import { isIP } from 'node:net';
import { z } from 'zod';
import { audioCodecNames, isEveryAddress, layoutNames, videoCodecNames } from '#kernel/index.ts';
import {
  dialOutSchema,
  guestsSchema,
  identitySchema,
  namesRule,
  partnerSchema,
  policySchema,
  recordsSchema,
  roomGovernance,
} from './governance.ts';

/** Paths that the page itself needs, so no room may have these names. */
export const reservedRoomNames = ['api', 'assets', 'health', 'metrics'] as const;

const reason = z
  .string()
  .min(10, 'must be a sentence of at least 10 characters that gives the reason; an auditor will read it')
  .describe('Why this exception from "encrypted by default" is needed; written to the log at start.');

const address = z
  .string()
  .refine((text) => isIP(text) !== 0, 'must be an IPv4 or IPv6 address, such as 192.0.2.10 or 2001:db8::10')
  .describe('An IP address of this machine; 0.0.0.0 or :: for all.');

const port = z.int().min(1).max(65535);

const cidr = z
  .string()
  .refine(isNetwork, 'must be an address or a network, such as 192.0.2.10 or 192.0.2.0/24')
  .describe('An address or a network in CIDR form.');

const domain = z
  .string()
  .refine(isDomain, 'must be a DNS name in lower case or an IP address, such as meet.example.org')
  .describe('A name (or address) that people dial and browsers open.');

const tlsSchema = z
  .strictObject({
    certificate: z.string().min(1).describe('PEM file: the certificate, then its intermediates.'),
    key: z.string().min(1).describe('PEM file of the private key; readable by the zone’s user only.'),
    client_ca: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of CAs for client certificates of room systems.'),
  })
  .describe('The zone’s own TLS identity. Files are watched: a new certificate is used without a restart.');

const ownListenerSchema = z
  .strictObject({
    protocol: z.enum(['sip', 'https']),
    address: address.default('0.0.0.0'),
    port,
  })
  .describe('A TLS port of this zone alone, for peers that send no server name.');

const cleartextSchema = z
  .strictObject({ transport: z.enum(['udp', 'tcp']), address: address.default('0.0.0.0'), port, reason })
  .describe('A SIP port without TLS.');

const sipSchema = z
  .strictObject({
    advertise_focus: z.boolean().default(true).describe('Say `isfocus` in Contact (RFC 4579).'),
    cleartext: z.array(cleartextSchema).default([]),
  })
  .prefault({});

const portRange = z
  .strictObject({ min: z.int().min(1024).max(65534), max: z.int().min(1025).max(65535) })
  .refine(({ min, max }) => max - min >= 9, 'needs at least 10 ports: max must be min + 9 or more')
  .describe('UDP ports for phones, inclusive. A call takes two for its audio and two for its video.');

const videoSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('false: every call of the zone is audio only.'),
    codecs: z
      .array(z.enum(videoCodecNames))
      .min(1)
      .default([...videoCodecNames])
      .describe('In order of preference. Each that is in use costs one encoding of the picture more.'),
    frame_rate: z.int().min(15).max(30).default(30).describe('Of the picture; under load down to 15.'),
    max_bitrate: z
      .int()
      .min(200_000)
      .max(6_000_000)
      .default(1_500_000)
      .describe('Bits per second of the 720p picture; smaller ones follow from it.'),
    encode_budget: z
      .int()
      .min(0)
      .max(16)
      .default(4)
      .describe('How many pictures without one person a room may have beside the shared one.'),
    max_load_percent: z
      .int()
      .min(1)
      .max(400)
      .default(70)
      .describe(
        'How much of what the mixer measured it can do may be planned with. Over 100: more than it can do in time, and late pictures refuse nobody.',
      ),
    when_full: z
      .enum(['refuse', 'audio_only'])
      .default('refuse')
      .describe('What becomes of a video call that would be too much for the mixer.'),
  })
  .prefault({})
  .describe('The picture that the server mixes.');

const mediaSchema = z
  .strictObject({
    address: address.describe('Address that media is received on.'),
    announced_address: address
      .optional()
      .describe('Written into SDP instead of `address` when the zone is behind NAT.'),
    ports: portRange,
    webrtc_port: port.describe('One UDP and TCP port for all browsers of the zone.'),
    audio_codecs: z
      .array(z.enum(audioCodecNames))
      .min(1)
      .default([...audioCodecNames])
      .describe('In order of preference.'),
    plain_rtp: z
      .strictObject({ reason })
      .optional()
      .describe('Present: phones may use RTP without SRTP. Absent: they are refused with 488.'),
    max_talkers: z.int().min(1).max(16).default(8).describe('How many voices are heard at once in a room.'),
    video: videoSchema,
  })
  .refine(({ address, announced_address: announced }) => !isEveryAddress(announced ?? address), {
    path: ['address'],
    error: 'is no address that far ends can send to; name one of this machine, or announced_address',
  });

const bannerSchema = z
  .strictObject({
    text: z.string().min(1).max(80),
    color: z
      .string()
      .regex(/^#[0-9a-f]{6}$/, 'must be a colour such as "#0a7d4f", in lower case and in quotation marks')
      .describe('Behind the text, which is black or white by what can be read better.'),
  })
  .describe('A bar at the top of every picture of the zone, so that everybody sees whose it is.');

const roomSchema = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{0,63}$/,
      'must be 1 to 64 of a-z, 0-9, ".", "_", "-", starting with a letter or digit',
    )
    .refine((name) => !reservedRoomNames.some((reserved) => reserved === name), {
      error: `is a path of the page itself; choose a name other than ${reservedRoomNames.join(', ')}`,
    })
    .describe('The user part of the SIP URI and the path of the page.'),
  title: z.string().min(1).max(80).optional().describe('Shown on the page instead of the name.'),
  capacity: z.int().min(2).max(1000).default(250).describe('How many may be in the room at once.'),
  layout: z.enum(layoutNames).default('auto').describe('Of the picture, until a host chooses another.'),
  hosts: z
    .enum(['everyone', 'policy', 'nobody'])
    .default('everyone')
    .describe(
      'Who directs the room: everyone who came by the page, those whom a host PIN or the policy makes hosts, or nobody.',
    ),
  ...roomGovernance,
});

/** One zone. The supervisor hands a zone's process its own section and nothing of the others. */
export const zoneSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, "-", starting with a letter')
    .describe('Names the data folder and the log lines.'),
  kind: z
    .enum(['core', 'meetme', 'external'])
    .describe('core: an organisation’s own meetings; meetme: a neutral place; external: somebody else’s.'),
  within: z.string().optional().describe('Name of the zone that this one is a part of.'),
  links: z.array(z.string()).default([]).describe('Zones whose rooms this one may dial into.'),
  networks: z
    .array(cidr)
    .optional()
    .describe(
      'Where the owner’s own people are. A core zone must name them: it takes no call from elsewhere.',
    ),
  time_zone: z
    .string()
    .refine(isTimeZone, 'must be a name of the IANA database, such as Europe/Berlin')
    .default('UTC'),
  holidays: z.array(z.iso.date()).default([]),
  guests: guestsSchema,
  partners: z.array(partnerSchema).default([]),
  policy: policySchema,
  identity: identitySchema,
  names: namesRule.default('real'),
  records: recordsSchema,
  dial_out: dialOutSchema,
  prompts: z
    .string()
    .min(1)
    .optional()
    .describe('Folder with spoken prompts of the zone’s own (docs/rooms.md).'),
  domains: z.array(domain).min(1),
  default: z
    .boolean()
    .default(false)
    .describe('Takes TLS openings on the shared ports that name no server. One zone at most.'),
  tls: tlsSchema,
  listen: z.array(ownListenerSchema).default([]),
  proxy_protocol: z
    .array(cidr)
    .default([])
    .describe(
      'Balancers that put a PROXY protocol v2 header before the TLS opening. Refused from anywhere else.',
    ),
  sip: sipSchema,
  media: mediaSchema,
  banner: bannerSchema.optional(),
  rooms: z.array(roomSchema).min(1),
  log_level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export type ZoneConfig = z.infer<typeof zoneSchema>;
export type RoomConfig = ZoneConfig['rooms'][number];

function isNetwork(text: string): boolean {
  const [base = '', bits, ...rest] = text.split('/');
  const family = isIP(base);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isDomain(text: string): boolean {
  if (isIP(text) !== 0) return true;
  return (
    text.length <= 253 &&
    /^(?=.*[a-z])[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text)
  );
}
