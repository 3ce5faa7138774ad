import type { SealedRecord } from './delivery/contract.ts';

/** A record that is to be appended: sealed already, and where it belongs in the table of open legs. */
export interface Appended {
  readonly day: string;
  readonly key: number;
  readonly sealed: Uint8Array;
  readonly opensLeg?: string;
  readonly closesLeg?: string;
}

/** The last record of the chain; of an empty one sequence 0, the hash that the first record follows, and no day. */
export interface ChainEnd {
  readonly sequence: number;
  readonly hash: string;
  readonly day?: string;
}

/** The end of the chain as the zone has signed it. */
export interface SignedHead {
  readonly day: string;
  readonly sequence: number;
  readonly hash: string;
  readonly signedAt: string;
  readonly signature: string;
}

/** A row of the chain; `sealed` is empty after a purge, `sealedHash` stays. */
export type StoredRecord = SealedRecord;

/** A record as it is read; what came by delivery says how many the zone itself had lost before it. */
export interface ReadRecord extends StoredRecord {
  readonly missingBefore?: number | undefined;
}

/** What reading and verifying need: of a store, or of an export. */
export interface RecordReader extends Pick<RecordStore, 'heads' | 'close'> {
  /** It came by delivery: its receiver has followed the chain, and nothing in it is signed. */
  readonly isDelivered?: boolean;
  after(sequence: number, limit: number): Promise<readonly ReadRecord[]>;
}

/**
 * Where a zone keeps its sealed records and the chain over them. One process appends; others may read and purge meanwhile. Every method
 * rejects when the store fails.
 */
export interface RecordStore {
  /** Identifies this sequence of records, always the same for one store. */
  readonly stream: string;
  /** All or none, chained with `chain.ts` in this order. On disk when it resolves, also after a power cut. Calls do not overlap. */
  append(records: readonly Appended[]): Promise<void>;
  last(): Promise<ChainEnd>;
  /** In order of their sequence, `limit` at most. */
  after(sequence: number, limit: number): Promise<readonly StoredRecord[]>;
  /** Of legs that were opened and not closed. */
  openLegs(): Promise<readonly string[]>;
  /** Days of which sealed text is there, in order. */
  days(): Promise<readonly string[]>;
  /** How many records of a day have their sealed text; when keys are named, of those that are sealed for one of them. */
  sealedOf(day: string, keys?: readonly number[]): Promise<number>;
  /** Takes the same away, overwritten as far as the store can, and leaves the hashes. Harmless when repeated. */
  erase(day: string, keys?: readonly number[]): Promise<void>;
  addHead(head: SignedHead): Promise<void>;
  /** In the order in which they were added. */
  heads(): Promise<readonly SignedHead[]>;
  /** Up to which record the owner's receiver has taken all; 0 at first. */
  released(): Promise<number>;
  release(sequence: number): Promise<void>;
  close(): Promise<void>;
}
