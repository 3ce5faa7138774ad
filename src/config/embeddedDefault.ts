import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import type { ConfigInput } from './schema.ts';
import { isTcpFree, type MediaPorts } from './PortBlock.ts';

const loopback = '127.0.0.1';

export interface EmbeddedPorts {
  readonly sip: number;
  readonly https: number;
  /** SIP-TLS of the zone `core` alone. */
  readonly coreSip: number;
  readonly media: { readonly core: MediaPorts; readonly meetme: MediaPorts };
}

/** Where a zone of the embedded default has its test certificate. */
export function testCertificateFolder(dataDir: string, zone: string): string {
  return join(dataDir, 'zones', zone, 'tls');
}

/**
 * What `start` runs without a configuration file: two zones on loopback addresses, for a first look. `meetme` answers for all
 * who name no server; `core` has a SIP port of its own, so that it can be dialled by address too.
 */
export function embeddedDefault(dataDir: string, ports: EmbeddedPorts): ConfigInput {
  return {
    listener: { addresses: [loopback], sip_port: ports.sip, https_port: ports.https },
    zones: [
      {
        name: 'core',
        kind: 'core',
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

function tlsOf(dataDir: string, zone: string): ConfigInput['zones'][number]['tls'] {
  const folder = testCertificateFolder(dataDir, zone);
  return { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
}

function mediaOf({ webrtcPort, ports }: MediaPorts): ConfigInput['zones'][number]['media'] {
  // For looking at on any machine, browsers and all: a slow picture tells more than a refusal.
  return { address: loopback, ports, webrtc_port: webrtcPort, video: { max_load_percent: 400 } };
}
