/** A record as the zone keeps it: only the owner's key opens `sealed`. */
export interface SealedRecord {
  /** From 1 on, without a gap. */
  readonly sequence: number;
  /** SHA-256 over what `chain.ts` says, hexadecimal. */
  readonly hash: string;
  readonly previousHash: string;
  /** `2026-12-31`, UTC: the day whose key it is sealed for. */
  readonly day: string;
  /** Which key of that day. */
  readonly key: number;
  /** SHA-256 of what `sealed` is, or was. */
  readonly sealedHash: string;
  /** An age file; empty after its day was purged. */
  readonly sealed: Uint8Array;
}

/** What a delivery takes its records from. */
export interface DeliverySource {
  /** Identifies this sequence of records; another one begins at 1 again. */
  readonly stream: string;
  next(afterSequence: number, limit: number): Promise<readonly SealedRecord[]>;
  /** Of the last record; 0 when there is none. */
  lastSequence(): Promise<number>;
  /** The key of a day, sealed for the owner; undefined after it was destroyed. */
  sealedKey(day: string, number: number): Promise<Uint8Array | undefined>;
  /** The receiver has taken all up to this one. */
  release(sequence: number): Promise<void>;
  releasedSequence(): Promise<number>;
  /** `count` records are on disk that were not a moment ago. */
  onAppend(listener: (count: number) => void): void;
}

/** What is posted to the owner's receiver, as JSON; docs/delivery.md tells it to those who write one. */
export interface DeliveryBatch {
  readonly version: 1;
  readonly stream: string;
  /** Of all days whose records are in here; age files for the owner, base64. */
  readonly keys: readonly { readonly day: string; readonly key: number; readonly sealed: string }[];
  /** In order. */
  readonly records: readonly DeliveredRecord[];
}

export interface DeliveredRecord extends Omit<SealedRecord, 'sealed'> {
  /** Base64; empty when its day was purged before it could be delivered. */
  readonly sealed: string;
  /** So many before this one are lost to the zone itself; 0 unless somebody took them from its store. */
  readonly missingBefore: number;
}

/** How the delivery stands, for figures. */
export interface DeliveryState {
  /** Records that the receiver has not taken. */
  readonly waiting: number;
  /** Nothing could be delivered for `alarm_after_seconds`. */
  readonly isAlarm: boolean;
  /** Since the zone was started. */
  readonly missing: number;
}
