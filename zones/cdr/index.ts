import type { CallRecords } from './contract.ts';
import type { DeliverySource } from './delivery/contract.ts';
import { RecordWriter, type CallRecordsOptions } from './RecordWriter.ts';

export type * from './contract.ts';
export { recordsFolder } from './folders.ts';
export { recordFormats, recordsText, type RecordFormat } from './formats.ts';
export { exportRecords } from './exportRecords.ts';
export type { RecordsPlace, ZoneRecords } from './place.ts';
export { openDecision, openRecords, purgeRecords, purgeRecordsBefore, verifyRecords } from './read.ts';
export { recordFields, recordSchema, type CallRecord } from './schema.ts';

/** Throws `unavailable` when records cannot be kept: the zone then must not take calls. */
export function createCallRecords(
  options: CallRecordsOptions,
): Promise<CallRecords & { readonly source: DeliverySource }> {
  return RecordWriter.create(options);
}
