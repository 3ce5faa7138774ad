import type { ZoneConfig } from './config/schema.ts';

/**
 * What the supervisor and a zone's process say to each other, over kernel `Ipc`. The supervisor learns the zone's
 * name, its health and its exit code, no more.
 *
 * Requests, supervisor → zone: `start` (ZoneStart → null), `health` (null → ZoneHealth), `drain` (null → null: takes no
 * new call), `stop` ({ reason } → null: ends its calls properly, then exits with 0).
 * Event, supervisor → zone: `connection` (HandedConnection, with the socket as handle, paused).
 */
export interface ZoneStart {
  readonly config: ZoneConfig;
  /** The zone's own folder, mode 0700. */
  readonly dataDir: string;
  readonly mediasoupWorker: string;
  /** Folder with the built page. */
  readonly webRoot: string;
  /** Folder with the spoken prompts that come with the program. */
  readonly prompts: string;
  readonly addresses: ZoneAddresses;
}

/** How people reach the zone, which knows its own names but not the ports of the listener in front. */
export interface ZoneAddresses {
  /** `https://meet.example.org:8443`; a room's name follows after a slash. */
  readonly https: string;
  /** Zones that this one may dial into, by name: what is dialled for `sips:room@…` of theirs, and their place on this server. */
  readonly linked: readonly LinkedZone[];

  /** `sip:{room}@meet.example.org`, with `{room}` in place of a room's name. */
  readonly sip: string;
}

/** Another zone of this server, as far as a zone that may dial into it must know it. */
export interface LinkedZone {
  readonly name: string;
  readonly domains: readonly string[];
  /** Where its SIP over TLS is reached from here. */
  readonly address: string;
  readonly port: number;
}

export interface HandedConnection {
  readonly protocol: 'sip' | 'https';
  /** Bytes already read from the socket; may be empty. The zone puts them back in front. */
  readonly opening: Uint8Array;
}

export interface ZoneHealth {
  /** No identity and no count: is it able to take calls? */
  readonly state: 'serving' | 'draining' | 'degraded';
}

/** Exit codes of a zone's process. */
export const zoneExitCodes = { stopped: 0, failed: 1, badStart: 2, orphaned: 3 } as const;

/** Request `inspect` of `zones/inspectProgram.ts`, answered with `CertificateFinding[]`: are the files of the zones fit for use? */
export type InspectRequest = readonly Pick<ZoneConfig, 'domains' | 'tls'>[];

export interface CertificateFinding {
  /** Index in the request. */
  readonly zone: number;
  readonly part: 'certificate' | 'key' | 'client_ca';
  /** `unreadable`: by the user who asked, which may be right; `warning`: it can be used, but not by everybody or not for long. */
  readonly kind: 'fault' | 'unreadable' | 'warning';
  readonly message: string;
}
