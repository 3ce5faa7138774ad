import { expect } from 'vitest';
import { createLog, type Log } from '#kernel/index.ts';
import { call, leg, RecordsFixture } from '#test/integration/zones/cdr/RecordsFixture.ts';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { Receiver } from '#test/support/Receiver.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { RecordDelivery } from '#zones/cdr/delivery/index.ts';
import { openRecords, verifyRecords } from '#zones/cdr/index.ts';

/** The records of a zone, and a receiver of its owner that has not been started. */
export class DeliveryStage implements AsyncDisposable {
  readonly fixture: RecordsFixture;
  readonly receiver: Receiver;

  static async open(): Promise<DeliveryStage> {
    return new DeliveryStage(await RecordsFixture.open(), await Receiver.create());
  }

  private constructor(fixture: RecordsFixture, receiver: Receiver) {
    this.fixture = fixture;
    this.receiver = receiver;
  }

  deliver(config = this.receiver.config(), log: Log = createLog('silent')): Promise<RecordDelivery> {
    return RecordDelivery.open({ source: this.fixture.records.source, config, log });
  }

  /** A record for the coming and one for the going of each. */
  async calls(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) await call(this.fixture.records, leg(`Guest ${index}`));
  }

  async delivered(count: number): Promise<void> {
    await waitFor(`${count} records at the receiver`, async () => {
      const state = await this.receiver.state().catch(() => undefined);
      return state?.sequence === count;
    });
  }

  /** What the receiver has on disk is what the zone has, each record once and in order, and opens with the owner's key. */
  async expectAllThere(count: number): Promise<void> {
    await this.delivered(count);
    expect(await this.receiver.state()).toMatchObject({ sequence: count, gaps: 0 });
    const exported = await this.receiver.streamFolder();
    expect(await verifyRecords({ exported })).toMatchObject({ records: count, faults: [] });
    const [here, there] = [
      await openRecords(this.fixture.place, testOwnerIdentity),
      await openRecords({ exported }, testOwnerIdentity),
    ];
    expect(there).toEqual(here);
    expect(there).toHaveLength(count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fixture[Symbol.asyncDispose]();
    await this.receiver[Symbol.asyncDispose]();
  }
}
