import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EventEmitter } from 'node:events';
import { Encrypter } from 'age-encryption';
import { Closable, ZonebridgeError, errorText, type Log } from '#kernel/index.ts';
import type { ZoneConfig } from '../config/schema.ts';
import { AttemptLimit } from './AttemptLimit.ts';
import type { CallRecords, RecordEvent } from './contract.ts';
import { DayKeys, keyFile } from './DayKeys.ts';
import type { DeliverySource } from './delivery/contract.ts';
import { contentOf } from './files.ts';
import { keysFolder, recordsFolder } from './folders.ts';
import { HeadSigner } from './HeadSigner.ts';
import { openStore } from './openStore.ts';
import { PartyRetention } from './PartyRetention.ts';
import { purgeExpired } from './purgeExpired.ts';
import { RecordQueue } from './RecordQueue.ts';
import { recordOf } from './records.ts';
import { recordSchema, type CallRecord } from './schema.ts';
import { SigningKey } from './SigningKey.ts';
import type { Appended, RecordStore } from './store.ts';

export interface CallRecordsOptions {
  readonly config: ZoneConfig['records'];
  /** Those of whom records are kept for a shorter time. */
  readonly partners?: ZoneConfig['partners'];
  readonly zoneName: string;
  /** Of the zone. */
  readonly dataDir: string;
  readonly log: Log;
}

const summaryMs = 60_000;
const pastDayMs = 60_000;
const purgeMs = 3_600_000;

/** Writes the records of a zone: each is sealed for the owner and on disk before `write` resolves, in the order in which they came. */
export class RecordWriter extends Closable implements CallRecords {
  readonly #log: Log;
  readonly #folder: string;
  readonly #retentionDays: number;
  readonly #retention: PartyRetention;
  readonly #keys: DayKeys;
  readonly #signingKey: SigningKey;
  readonly #heads: HeadSigner;
  readonly #store: RecordStore;
  readonly #attempts = new AttemptLimit();
  readonly #events = new EventEmitter<{ append: [count: number] }>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #queue: RecordQueue;

  /** Closes what a process that died left open, and purges what is too old. Throws `unavailable`. */
  static async create({
    config,
    partners,
    zoneName,
    dataDir,
    log,
  }: CallRecordsOptions): Promise<RecordWriter> {
    const folder = recordsFolder(dataDir);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const keys = await DayKeys.create(join(folder, keysFolder), config.recipients);
      const signingKey = await SigningKey.open(folder);
      const store = await openStore(config, folder, zoneName);
      const retention = new PartyRetention(partners);
      const writer = new RecordWriter({ folder, keys, signingKey, store, config, retention, log });
      await writer.#recover();
      return writer;
    } catch (cause) {
      throw new ZonebridgeError('unavailable', `call records cannot be kept in ${folder}`, { cause });
    }
  }

  private constructor(parts: {
    folder: string;
    keys: DayKeys;
    signingKey: SigningKey;
    store: RecordStore;
    config: ZoneConfig['records'];
    retention: PartyRetention;
    log: Log;
  }) {
    super();
    this.#folder = parts.folder;
    this.#keys = parts.keys;
    this.#signingKey = parts.signingKey;
    this.#store = parts.store;
    this.#heads = new HeadSigner(parts.store, parts.signingKey);
    this.#retentionDays = parts.config.retention_days;
    this.#retention = parts.retention;
    this.#log = parts.log;
    this.#queue = new RecordQueue({
      store: parts.store,
      log: parts.log,
      beginDay: () => this.#heads.sign(),
      appended: (count) => this.#events.emit('append', count),
    });
    this.#timers = [
      setInterval(() => void this.#summarise(), summaryMs).unref(),
      setInterval(() => void this.#signPastDay(), pastDayMs).unref(),
      setInterval(() => void this.#purgeExpired(), purgeMs).unref(),
    ];
  }

  async write(event: RecordEvent): Promise<void> {
    const nowMs = Date.now();
    if (event.type === 'attempt-refused') {
      if (!this.#attempts.admits(event.leg.remoteAddress, event.cause, nowMs)) return;
      if (event.request !== undefined) await this.keepDecision(event.leg.decision.decisionId, event.request);
    }
    const legs =
      event.type === 'leg-start'
        ? { opensLeg: event.leg.legId }
        : event.type === 'leg-end'
          ? { closesLeg: event.legId }
          : {};
    const isPatient = event.type !== 'leg-start' && event.type !== 'attempt-refused';
    const sealed = this.#seal(recordOf(event, nowMs), nowMs, this.#retention.of(event));
    await this.#queue.add(
      sealed.then((appended) => ({ ...appended, ...legs })),
      isPatient,
    );
  }

  async keepDecision(decisionId: string, request: unknown): Promise<void> {
    const nowMs = Date.now();
    const time = new Date(nowMs).toISOString();
    // Plain data, without what JSON does not have.
    const plain = JSON.parse(JSON.stringify(request)) as CallRecord['request'];
    const record = { type: 'decision', time, decision_id: decisionId, request: plain } as const;
    await this.#queue.add(this.#seal(record, nowMs, this.#retention.ofDecision(request)), false);
  }

  /** For their delivery to the owner's receiver. */
  get source(): DeliverySource {
    const store = this.#store;
    const keys = join(this.#folder, keysFolder);
    return {
      stream: store.stream,
      next: (afterSequence, limit) => store.after(afterSequence, limit),
      lastSequence: async () => (await store.last()).sequence,
      sealedKey: (day, number) => contentOf(join(keys, keyFile(day, number))),
      release: (sequence) => store.release(sequence),
      releasedSequence: () => store.released(),
      onAppend: (listener) => void this.#events.on('append', listener),
    };
  }

  protected async release(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#summarise();
    await this.#queue.end();
    this.#events.removeAllListeners();
    try {
      await this.#heads.sign();
    } finally {
      await this.#store.close();
    }
  }

  async #recover(): Promise<void> {
    await this.#heads.sign();
    const open = await this.#store.openLegs();
    if (open.length > 0)
      this.#log.warn({ legs: open.length }, 'legs that were open when the zone died are closed');
    await Promise.all(
      open.map((legId) =>
        this.write({
          type: 'leg-end',
          legId,
          cause: 'worker-lost',
          detail: 'the zone’s process died; it ended before this record',
        }),
      ),
    );
    await this.#purgeExpired();
  }

  async #seal(record: CallRecord, nowMs: number, retentionDays?: number): Promise<Appended> {
    const checked = recordSchema.safeParse(record);
    if (!checked.success)
      throw new ZonebridgeError('internal', `a call record breaks its schema: ${checked.error.message}`);
    const day = new Date(nowMs).toISOString().slice(0, 10);
    const key = await this.#keys.keyOf(day, retentionDays);
    const encrypter = new Encrypter();
    encrypter.addRecipient(key.recipient);
    return { day, key: key.number, sealed: await encrypter.encrypt(JSON.stringify(checked.data)) };
  }

  async #signPastDay(): Promise<void> {
    const today = new Date().toISOString().slice(0, 10);
    await this.#heads.signBefore(today).catch((error: unknown) => this.#failed(error));
  }

  async #summarise(): Promise<void> {
    const attempts = this.#attempts.takeSummary();
    if (attempts === undefined) return;
    const nowMs = Date.now();
    const record = { type: 'attempts-summary', time: new Date(nowMs).toISOString(), attempts } as const;
    await this.#queue.add(this.#seal(record, nowMs), true).catch((error: unknown) => this.#failed(error));
  }

  async #purgeExpired(): Promise<void> {
    try {
      const gone = purgeExpired(this.#folder, this.#store, this.#signingKey, this.#retentionDays);
      for await (const { day, records } of gone) {
        this.#log.info({ day, records }, 'records are purged, as retention_days says');
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#log.error({ error: errorText(error) }, 'keeping call records failed');
  }
}
