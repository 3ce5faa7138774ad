import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '#kernel/index.ts';
import { testRecipient } from '#test/support/governance.ts';
import { createCallRecords, type CallRecords, type LegRecord, type ZoneRecords } from '#zones/cdr/index.ts';
import type { ZoneConfig } from '#zones/index.ts';

/** A zone's data folder with its records. */
export class RecordsFixture implements AsyncDisposable {
  readonly dataDir: string;
  readonly #config: Partial<ZoneConfig['records']>;
  records: Awaited<ReturnType<typeof createCallRecords>>;

  static async open(config: Partial<ZoneConfig['records']> = {}): Promise<RecordsFixture> {
    const dataDir = await mkdtemp(join(tmpdir(), 'zonebridge-records-'));
    return new RecordsFixture(dataDir, config, await openRecordsIn(dataDir, config));
  }

  private constructor(
    dataDir: string,
    config: Partial<ZoneConfig['records']>,
    records: Awaited<ReturnType<typeof createCallRecords>>,
  ) {
    this.dataDir = dataDir;
    this.#config = config;
    this.records = records;
  }

  /** For what reads them. */
  get place(): ZoneRecords {
    const postgresUrlFile = this.#config.postgres_url_file;
    return postgresUrlFile === undefined ? this.dataDir : { dataDir: this.dataDir, postgresUrlFile };
  }

  /** Below the data folder. */
  get folder(): string {
    return join(this.dataDir, 'records');
  }

  async reopen(config = this.#config): Promise<void> {
    await this.records.close('test');
    this.records = await openRecordsIn(this.dataDir, config);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.records.close('test');
    await rm(this.dataDir, { recursive: true });
  }
}

const partners: ZoneConfig['partners'] = [
  {
    name: 'acme',
    domains: ['acme.example'],
    certificates: [],
    contact: 'video@acme.example',
    agreement: '2026-17',
    windows: [],
    expires: '2099-12-31',
    retention_days: 30,
  },
];

/** For legs of acme a partner’s shorter retention is agreed. */
export function openRecordsIn(
  dataDir: string,
  config: Partial<ZoneConfig['records']> = {},
): ReturnType<typeof createCallRecords> {
  return createCallRecords({
    config: { recipients: [testRecipient], retention_days: 90, ...config },
    partners,
    zoneName: 'meetme',
    dataDir,
    log: createLog('silent'),
  });
}

/** Somebody in a meeting. */
export function leg(displayName: string, more: Partial<LegRecord> = {}): LegRecord {
  return {
    legId: randomUUID(),
    conferenceId: '11111111-1111-4111-8111-111111111111',
    room: 'welcome',
    direction: 'in',
    protocol: 'sip',
    displayName,
    uri: `sip:${displayName.toLowerCase()}@example.org`,
    remoteAddress: '192.0.2.7',
    device: 'softphone',
    party: 'own',
    role: 'guest',
    assurance: [],
    backend: { kind: 'endpoint', evidence: ['user-agent=baresip'], confidence: 'medium' },
    signalingSecurity: 'TLSv1.3 X25519MLKEM768 TLS_AES_256_GCM_SHA384',
    decision: {
      decisionId: randomUUID(),
      revision: '0123456789abcdef',
      effect: 'allow',
      policies: ['own-people-come-in'],
      decidedBy: 'cedar',
    },
    ...more,
  };
}

export async function call(records: CallRecords, who: LegRecord): Promise<void> {
  await records.write({ type: 'leg-start', leg: who });
  await records.write({ type: 'leg-end', legId: who.legId, cause: 'remote-hangup' });
}
