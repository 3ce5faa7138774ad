import { join } from 'node:path';
import { hashPin } from '#zones/index.ts';
import {
  embeddedDefault,
  embeddedPolicyFile,
  testCertificateFolder,
  type ConfigInput,
  type EmbeddedOwner,
  type MediaPorts,
} from '../config/index.ts';

export interface LeakChoices {
  /** Of the room `vault`. */
  readonly rightPin: string;
  readonly video: boolean;
}

export interface LeakPorts {
  readonly sip: number;
  readonly https: number;
  readonly coreSip: number;
  readonly media: { readonly core: MediaPorts; readonly meetme: MediaPorts; readonly partner: MediaPorts };
}

/** Zones of two organisations, and the neutral one between them that both dial into. */
export const zoneNames = ['core', 'meetme', 'partner'] as const;
export type ZoneName = (typeof zoneNames)[number];

/** The name of a far end that is no zone of ours; the test CA may sign for it. */
export const farEndDomain = 'far.localhost';

export const rooms = {
  core: 'boardroom',
  meetme: 'welcome',
  partner: 'desk',
  /** Has a PIN. */
  vault: 'vault',
  /** Takes two. */
  small: 'small',
} as const;

/** The embedded default with a third zone and rooms that refuse people. In `meetme` nobody learns another one's name. */
export async function leakConfig(
  dataDir: string,
  ports: LeakPorts,
  owner: EmbeddedOwner,
  { rightPin, video }: LeakChoices,
): Promise<ConfigInput> {
  const { zones, ...rest } = embeddedDefault(dataDir, ports, owner);
  const [core, meetme] = zones;
  if (core === undefined || meetme === undefined) throw new TypeError('the embedded default has two zones');
  const dialOut = { name: 'Neutral', ca: join(dataDir, 'test-ca', 'ca.pem'), domains: [farEndDomain] };
  const neutral = {
    ...meetme,
    names: 'opaque' as const,
    domains: ['meetme.localhost', '127.0.0.1'],
    dial_out: dialOut,
    rooms: [
      { name: rooms.meetme },
      { name: rooms.vault, guest_pin: await hashPin(rightPin) },
      { name: rooms.small, capacity: 2 },
    ],
  };
  const made = [core, neutral, partnerZone(dataDir, ports.media.partner, meetme)];
  return { ...rest, zones: video ? made : made.map(withoutVideo) };
}

type ZoneInput = ConfigInput['zones'][number];

function withoutVideo(zone: ZoneInput): ZoneInput {
  return { ...zone, media: { ...zone.media, video: { enabled: false } } };
}

function partnerZone(dataDir: string, { webrtcPort, ports }: MediaPorts, like: ZoneInput): ZoneInput {
  const folder = testCertificateFolder(dataDir, 'partner');
  return {
    name: 'partner',
    kind: 'external',
    links: ['meetme'],
    guests: like.guests,
    records: like.records,
    policy: { file: embeddedPolicyFile(dataDir, 'partner') },
    dial_out: { name: 'Partner', ca: join(dataDir, 'test-ca', 'ca.pem') },
    domains: ['partner.localhost'],
    tls: { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') },
    media: { ...like.media, ports, webrtc_port: webrtcPort },
    rooms: [{ name: rooms.partner }],
  };
}
