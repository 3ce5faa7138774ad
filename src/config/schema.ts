import { isIP } from 'node:net';
import { z } from 'zod';
import { zoneSchema } from '#zones/index.ts';

const address = z
  .string()
  .refine(
    (text) => isIP(text) !== 0,
    'must be an IPv4 or IPv6 address of this machine, or 0.0.0.0 or :: for all',
  );

const port = z.int().min(1).max(65535);

const limitsSchema = z
  .strictObject({
    max_openings: z
      .int()
      .min(16)
      .max(100_000)
      .default(4_096)
      .describe('Connections that have not yet shown their server name, in all.'),
    max_openings_per_source: z
      .int()
      .min(4)
      .max(100_000)
      .default(512)
      .describe('The same for one address (IPv6: one /64). Over it, the oldest of that address is closed.'),
    max_opening_bytes: z
      .int()
      .min(4_096)
      .max(65_536)
      .default(16_384)
      .describe('How long a TLS opening may be.'),
    opening_timeout_ms: z
      .int()
      .min(500)
      .max(60_000)
      .default(5_000)
      .describe('How long a client may take to send its opening.'),
  })
  .prefault({})
  .describe('What the listener bears from clients that do not finish their opening.');

const listenerSchema = z
  .strictObject({
    addresses: z
      .array(address)
      .min(1)
      .default(['0.0.0.0'])
      .describe('Addresses that both ports are opened on.'),
    sip_port: port
      .default(5061)
      .describe('SIP over TLS for all zones; the zone is found by TLS server name.'),
    https_port: port.default(8443).describe('Page and WebSocket of all zones; 443 needs root.'),
    announced_sip_port: port
      .optional()
      .describe('Written into links instead of `sip_port` where a balancer in front has another one.'),
    announced_https_port: port.optional().describe('The same for `https_port`.'),
    limits: limitsSchema,
  })
  .prefault({})
  .describe('The ports that all zones share. The listener holds no key and decrypts nothing.');

const remoteZoneSchema = z
  .strictObject({
    name: zoneSchema.shape.name,
    kind: zoneSchema.shape.kind,
    domains: zoneSchema.shape.domains,
    address: z.string().min(1).describe('Host name or address where its SIP over TLS is reached from here.'),
    port: port.default(5061),
  })
  .describe('A zone of another server, which zones here may name in `links`.');

/** All of a configuration file. */
export const configSchema = z
  .strictObject({
    listener: listenerSchema,
    zone_user: z
      .enum(['own', 'same'])
      .default('own')
      .describe(
        'own: started as root, each zone gets a user id of its own; same: all zones run as the user who starts.',
      ),
    log_level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('Of the program around the zones.'),
    zones: z.array(zoneSchema).min(1),
    remote_zones: z.array(remoteZoneSchema).default([]),
  })
  .describe('Configuration of zonebridge');

export type Config = z.infer<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
