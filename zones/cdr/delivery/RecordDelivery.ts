import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Closable, errorText, type Log } from '#kernel/index.ts';
import type { ZoneConfig } from '../../config/schema.ts';
import { nextBatch } from './batch.ts';
import type { DeliveredRecord, DeliveryBatch, DeliverySource, DeliveryState } from './contract.ts';
import { ReceiverLink } from './ReceiverLink.ts';

export interface RecordDeliveryOptions {
  readonly source: DeliverySource;
  readonly config: NonNullable<ZoneConfig['records']['delivery']>;
  readonly log: Log;
}

const mostRecords = 200;
const firstBackOffMs = 500;
const longestBackOffMs = 30_000;
/** How long the end of the zone waits for what is still under way; the rest is delivered after the next start. */
const lastMs = 2_000;
const pollMs = 100;

/**
 * Delivers records to the owner's receiver: at least once, in order, each forgotten only after a 2xx. They wait in the zone's store, so a
 * receiver that is away, and a restart of the zone, cost nothing but time.
 */
export class RecordDelivery extends Closable {
  readonly #source: DeliverySource;
  readonly #log: Log;
  readonly #link: ReceiverLink;
  readonly #alarmMs: number;
  readonly #stop = new AbortController();
  /** Dispatched when there may be something to deliver. */
  readonly #woken = new EventTarget();
  readonly #running: Promise<void>;
  #last = 0;
  #released = 0;
  /** The receiver has had all up to here; behind `#released` after it has lost some and asked for them again. */
  #sent = 0;
  #limit = mostRecords;
  #missing = 0;
  #failures = 0;
  #progressMs = performance.now();
  #isAlarm = false;

  static async open(options: RecordDeliveryOptions): Promise<RecordDelivery> {
    const { source } = options;
    return new RecordDelivery(options, await source.lastSequence(), await source.releasedSequence());
  }

  private constructor({ source, config, log }: RecordDeliveryOptions, last: number, released: number) {
    super();
    this.#source = source;
    this.#log = log;
    this.#link = new ReceiverLink(config);
    this.#alarmMs = config.alarm_after_seconds * 1000;
    this.#last = last;
    this.#released = released;
    this.#sent = released;
    source.onAppend((count) => {
      // What comes after a time without any has not waited yet.
      if (this.#sent >= this.#last) this.#progressMs = performance.now();
      this.#last += count;
      this.#woken.dispatchEvent(new Event('append'));
    });
    this.#running = this.#run();
  }

  get state(): DeliveryState {
    return { waiting: this.#last - this.#sent, isAlarm: this.#isAlarm, missing: this.#missing };
  }

  protected async release(): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), lastMs);
    if (this.#failures > 0) this.#stop.abort();
    this.#woken.dispatchEvent(new Event('append'));
    await this.#running;
    clearTimeout(timer);
    this.#link.close();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const batch = await nextBatch(this.#source, this.#sent, this.#limit);
        if (batch !== undefined) await this.#deliver(batch);
        else if (this.closed) return;
        else await this.#appended();
      } catch (error) {
        await this.#failed(errorText(error));
      }
    }
  }

  async #deliver(batch: DeliveryBatch): Promise<void> {
    const answer = await this.#untilStopped(this.#link.post(batch));
    if (answer === undefined) return;
    const { status, expected } = answer;
    if (status >= 200 && status < 300) await this.#taken(batch);
    else if (status === 409 && expected !== undefined && expected <= this.#sent) {
      this.#log.warn({ records: this.#sent - expected + 1 }, 'the receiver asks for records again');
      this.#sent = expected - 1;
    } else if (status === 413 && this.#limit > 1) this.#limit = Math.ceil(batch.records.length / 2);
    else await this.#failed(`the receiver answers ${status}`);
  }

  async #taken({ records }: DeliveryBatch): Promise<void> {
    this.#sent = records.at(-1)?.sequence ?? this.#sent;
    if (this.#sent > this.#released) {
      this.#tellLosses(records.filter(({ sequence }) => sequence > this.#released));
      await this.#source.release(this.#sent);
      this.#released = this.#sent;
    }
    this.#limit = mostRecords;
    this.#failures = 0;
    this.#progressMs = performance.now();
    if (this.#isAlarm) this.#log.info({ waiting: this.state.waiting }, 'records are delivered again');
    this.#isAlarm = false;
  }

  #tellLosses(records: readonly DeliveredRecord[]): void {
    const missing = records.reduce((sum, { missingBefore }) => sum + missingBefore, 0);
    this.#missing += missing;
    if (missing > 0)
      this.#log.error({ records: missing }, 'records are missing in the store; the receiver was told');
    const purged = records.filter(({ sealed }) => sealed === '').length;
    if (purged > 0) this.#log.warn({ records: purged }, 'records were purged before they could be delivered');
  }

  async #failed(why: string): Promise<void> {
    this.#failures += 1;
    if (this.#failures === 1) this.#log.warn({ why }, 'records could not be delivered; they wait');
    if (!this.#isAlarm && performance.now() - this.#progressMs >= this.#alarmMs) {
      this.#isAlarm = true;
      this.#log.error({ alarm: why, waiting: this.state.waiting }, 'the delivery of records stands still');
    }
    if (this.closed) {
      this.#stop.abort();
      return;
    }
    const waitMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** (this.#failures - 1));
    // Zones that lost the same receiver do not come back to it at the same moment.
    await this.#untilStopped(sleep(waitMs * (0.5 + Math.random() / 2), undefined, { ref: false }));
  }

  async #appended(): Promise<void> {
    // One that came while the store was asked has not woken anybody.
    const again = this.#sent < this.#last ? [sleep(pollMs, undefined, { ref: false })] : [];
    await this.#untilStopped(Promise.race([once(this.#woken, 'append'), ...again]));
  }

  /** Undefined when it is to stop first. */
  async #untilStopped<T>(work: Promise<T>): Promise<T | undefined> {
    const { signal } = this.#stop;
    if (signal.aborted) return undefined;
    const stopped = Promise.withResolvers<undefined>();
    const stop = (): void => stopped.resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([work, stopped.promise]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
