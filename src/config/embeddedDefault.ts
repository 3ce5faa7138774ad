import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import type { ConfigInput } from './schema.ts';
import { isTcpFree, type MediaPorts } from './PortBlock.ts';

type ZoneInput = ConfigInput['zones'][number];

const loopback = '127.0.0.1';

/** Loopback, and what RFC 1918, RFC 4193 and RFC 3927 and 4291 keep for networks of one's own. */
const ownNetworks = [
  ...['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
  ...['::1', 'fc00::/7', 'fe80::/10'],
];

export interface EmbeddedPorts {
  readonly sip: number;
  readonly https: number;
  /** SIP-TLS of the zone `core` alone. */
  readonly coreSip: number;
  readonly media: { readonly core: MediaPorts; readonly meetme: MediaPorts };
}

/** Who owns the zones of the embedded default. */
export interface EmbeddedOwner {
  /** The public key that call records are sealed for. */
  readonly recipient: string;
  /** Until when guests come in without somebody having looked at it; a day as 2026-12-31. */
  readonly reviewBy: string;
}

/** Where a zone of the embedded default has its policy. */
export function embeddedPolicyFile(dataDir: string, zone: string): string {
  return join(dataDir, 'zones', zone, 'policy.cedar');
}

/** Where a zone of the embedded default has its test certificate. */
export function testCertificateFolder(dataDir: string, zone: string): string {
  return join(dataDir, 'zones', zone, 'tls');
}

/**
 * What `start` runs without a configuration file: two zones on loopback addresses, for a first look. `meetme` answers for all
 * who name no server; `core` has a SIP port of its own, so that it can be dialled by address too, and may dial into `meetme`.
 */
export function embeddedDefault(dataDir: string, ports: EmbeddedPorts, owner: EmbeddedOwner): ConfigInput {
  return {
    listener: { addresses: [loopback], sip_port: ports.sip, https_port: ports.https },
    zones: [
      {
        name: 'core',
        kind: 'core',
        ...governanceOf(dataDir, 'core', 'deny', owner),
        links: ['meetme'],
        networks: ownNetworks,
        dial_out: { name: 'Core', ca: join(dataDir, 'test-ca', 'ca.pem') },
        domains: ['core.localhost'],
        tls: tlsOf(dataDir, 'core'),
        listen: [{ protocol: 'sip', address: loopback, port: ports.coreSip }],
        media: mediaOf(ports.media.core),
        rooms: [
          { name: 'boardroom', title: 'Boardroom' },
          { name: 'standup', title: 'Stand-up' },
        ],
      },
      {
        name: 'meetme',
        kind: 'meetme',
        ...governanceOf(dataDir, 'meetme', 'allow', owner),
        domains: ['meetme.localhost', 'localhost', loopback],
        default: true,
        tls: tlsOf(dataDir, 'meetme'),
        media: mediaOf(ports.media.meetme),
        banner: { text: 'meetme: neutral ground', color: '#0a5d7d' },
        rooms: [{ name: 'welcome', title: 'Welcome' }],
      },
    ],
  };
}

/** A port for `core` next to the shared SIP port. */
export async function chooseCoreSipPort(sipPort: number, httpsPort: number): Promise<number> {
  for (let port = sipPort + 1; port <= Math.min(sipPort + 100, 65_535); port += 1) {
    if (port !== httpsPort && (await isTcpFree(loopback, port))) return port;
  }
  throw new ZonebridgeError(
    'unavailable',
    `no free port from ${sipPort + 1} on for the zone core; try --sip-port`,
  );
}

function governanceOf(
  dataDir: string,
  zone: string,
  guests: ZoneInput['guests']['model'],
  { recipient, reviewBy }: EmbeddedOwner,
): Pick<ZoneInput, 'guests' | 'policy' | 'records'> {
  return {
    guests: { model: guests, owner: 'whoever runs this example', review_by: reviewBy },
    policy: { file: embeddedPolicyFile(dataDir, zone) },
    records: { recipients: [recipient] },
  };
}

function tlsOf(dataDir: string, zone: string): ZoneInput['tls'] {
  const folder = testCertificateFolder(dataDir, zone);
  return { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
}

function mediaOf({ webrtcPort, ports }: MediaPorts): ZoneInput['media'] {
  // For looking at on any machine, browsers and all: a slow picture tells more than a refusal.
  return { address: loopback, ports, webrtc_port: webrtcPort, video: { max_load_percent: 400 } };
}
