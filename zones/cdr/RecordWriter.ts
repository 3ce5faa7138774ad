import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EventEmitter } from 'node:events';
import { Encrypter } from 'age-encryption';
import { Closable, ZonebridgeError, errorText, type Log } from '#kernel/index.ts';
import type { ZoneConfig } from '../config/schema.ts';
import { AttemptLimit } from './AttemptLimit.ts';
import type { CallRecords, RecordEvent } from './contract.ts';
import { DayKeys } from './DayKeys.ts';
import type { DeliverySource } from './delivery/contract.ts';
import { keysFolder, recordsFolder } from './folders.ts';
import { daysBefore, purgeDay, unfinishedPurges } from './purge.ts';
import { recordOf } from './records.ts';
import { recordSchema, type CallRecord } from './schema.ts';
import { headText, SigningKey } from './SigningKey.ts';
import { SqliteStore } from './sqlite/SqliteStore.ts';
import type { Appended, RecordStore } from './store.ts';

export interface CallRecordsOptions {
  readonly config: ZoneConfig['records'];
  readonly zoneName: string;
  /** Of the zone. */
  readonly dataDir: string;
  readonly log: Log;
}

interface Pending {
  readonly appended: Promise<Appended>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const summaryMs = 60_000;
const dayMs = 86_400_000;
/** More in one transaction would hold up whoever waits. */
const mostAtOnce = 256;

/**
 * Writes the records of a zone: each is sealed for the owner and on disk before `write` resolves. Those that come close together share one
 * transaction, in the order in which they came.
 */
export class RecordWriter extends Closable implements CallRecords {
  readonly #log: Log;
  readonly #folder: string;
  readonly #retentionDays: number;
  readonly #keys: DayKeys;
  readonly #signingKey: SigningKey;
  readonly #store: RecordStore;
  readonly #attempts = new AttemptLimit();
  readonly #events = new EventEmitter<{ append: [] }>();
  readonly #timers: readonly NodeJS.Timeout[];
  #pending: Pending[] = [];
  #writing: Promise<void> | undefined;
  #headDay: string | undefined;

  /** Closes what a process that died left open, and purges what is too old. Throws `unavailable`. */
  static async create({ config, dataDir, log }: CallRecordsOptions): Promise<RecordWriter> {
    const folder = recordsFolder(dataDir);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const keys = await DayKeys.create(join(folder, keysFolder), config.recipients);
      const signingKey = await SigningKey.open(folder);
      const store = await SqliteStore.open(folder);
      const writer = new RecordWriter({ folder, keys, signingKey, store, config, log });
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
    log: Log;
  }) {
    super();
    this.#folder = parts.folder;
    this.#keys = parts.keys;
    this.#signingKey = parts.signingKey;
    this.#store = parts.store;
    this.#retentionDays = parts.config.retention_days;
    this.#log = parts.log;
    this.#timers = [
      setInterval(() => void this.#summarise(), summaryMs).unref(),
      setInterval(() => void this.#purgeOld(), dayMs / 24).unref(),
    ];
  }

  async write(event: RecordEvent): Promise<void> {
    const nowMs = Date.now();
    if (event.type === 'attempt-refused') {
      if (!this.#attempts.admits(event.leg.remoteAddress, event.cause, nowMs)) return;
    }
    const legs =
      event.type === 'leg-start'
        ? { opensLeg: event.leg.legId }
        : event.type === 'leg-end'
          ? { closesLeg: event.legId }
          : {};
    await this.#append(recordOf(event, nowMs), nowMs, legs);
  }

  async keepDecision(decisionId: string, request: unknown): Promise<void> {
    const nowMs = Date.now();
    const time = new Date(nowMs).toISOString();
    // Plain data, without what JSON does not have.
    const plain = JSON.parse(JSON.stringify(request)) as CallRecord['request'];
    await this.#append({ type: 'decision', time, decision_id: decisionId, request: plain }, nowMs, {});
  }

  /** For their delivery to the owner's receiver. */
  get source(): DeliverySource {
    const store = this.#store;
    return {
      stream: store.stream,
      next: (afterSequence, limit) => store.after(afterSequence, limit),
      release: (sequence) => store.release(sequence),
      releasedSequence: () => store.released(),
      onAppend: (listener) => void this.#events.on('append', listener),
    };
  }

  protected async release(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#summarise();
    await this.#writing;
    await this.#signHead();
    this.#events.removeAllListeners();
    await this.#store.close();
  }

  async #recover(): Promise<void> {
    await this.#signHead();
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
    await this.#purgeOld();
  }

  async #append(
    record: CallRecord,
    nowMs: number,
    legs: Pick<Appended, 'opensLeg' | 'closesLeg'>,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const appended = this.#seal(record, nowMs).then((sealed) => ({ ...sealed, ...legs }));
    // Told to who waits for it.
    appended.catch(() => undefined);
    this.#pending.push({ appended, resolve, reject });
    this.#writing ??= this.#writeAll();
    await promise;
  }

  async #seal(record: CallRecord, nowMs: number): Promise<Appended> {
    const checked = recordSchema.safeParse(record);
    if (!checked.success)
      throw new ZonebridgeError('internal', `a call record breaks its schema: ${checked.error.message}`);
    const day = new Date(nowMs).toISOString().slice(0, 10);
    const key = await this.#keys.keyOf(day);
    const encrypter = new Encrypter();
    encrypter.addRecipient(key.recipient);
    return { day, key: key.number, sealed: await encrypter.encrypt(JSON.stringify(checked.data)) };
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, mostAtOnce);
      const sealed: { appended: Appended; pending: Pending }[] = [];
      for (const pending of batch) {
        try {
          sealed.push({ appended: await pending.appended, pending });
        } catch (error) {
          pending.reject(error);
        }
      }
      for (const day of new Set(sealed.map(({ appended }) => appended.day))) {
        await this.#commit(
          day,
          sealed.filter(({ appended }) => appended.day === day),
        );
      }
    }
    this.#writing = undefined;
  }

  async #commit(day: string, batch: readonly { appended: Appended; pending: Pending }[]): Promise<void> {
    try {
      if (this.#headDay !== undefined && this.#headDay !== day) await this.#signHead();
      await this.#store.append(batch.map(({ appended }) => appended));
      this.#headDay = day;
      for (const { pending } of batch) pending.resolve();
      this.#events.emit('append');
    } catch (cause) {
      const error = new ZonebridgeError('unavailable', 'a call record could not be written', { cause });
      for (const { pending } of batch) pending.reject(error);
    }
  }

  /** Of the last record, unless that was done; also the one that a process that died left unsigned. */
  async #signHead(): Promise<void> {
    const { day, sequence, hash } = await this.#store.last();
    const signed = (await this.#store.heads()).at(-1);
    if (day === undefined || signed?.sequence === sequence) return;
    const head = { day, sequence, hash, signedAt: new Date().toISOString() };
    await this.#store.addHead({ ...head, signature: this.#signingKey.sign(headText(head)) });
  }

  async #summarise(): Promise<void> {
    const attempts = this.#attempts.takeSummary();
    if (attempts === undefined) return;
    const nowMs = Date.now();
    const record = { type: 'attempts-summary', time: new Date(nowMs).toISOString(), attempts } as const;
    await this.#append(record, nowMs, {}).catch((error: unknown) => this.#failed(error));
  }

  async #purgeOld(): Promise<void> {
    const oldest = new Date(Date.now() - this.#retentionDays * dayMs).toISOString().slice(0, 10);
    try {
      const begun = await unfinishedPurges(this.#folder);
      for (const day of new Set([...begun, ...(await daysBefore(this.#folder, oldest, this.#store))])) {
        const { records } = await purgeDay(this.#folder, day, this.#store, this.#signingKey);
        this.#log.info(
          { day, records },
          'records are purged: older than retention_days, or their purge was begun before',
        );
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#log.error({ error: errorText(error) }, 'keeping call records failed');
  }
}
