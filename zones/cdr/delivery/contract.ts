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
  /** An age file; empty after its day was purged. */
  readonly sealed: Uint8Array;
}

/** What a delivery takes its records from. */
export interface DeliverySource {
  /** Identifies this sequence of records; another one begins at 1 again. */
  readonly stream: string;
  next(afterSequence: number, limit: number): Promise<readonly SealedRecord[]>;
  /** The receiver has taken all up to this one. */
  release(sequence: number): Promise<void>;
  releasedSequence(): Promise<number>;
  onAppend(listener: () => void): void;
}
