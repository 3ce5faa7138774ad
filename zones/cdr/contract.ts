import type { Closable, TerminationCause } from '#kernel/index.ts';
import type { Backend, DeviceClass } from '../policy/contract.ts';

/**
 * What a zone writes about its calls. The zod schema in `schema.ts` is the source of truth for fields, their owner, class, audience and
 * retention; these types say what the zone host hands in. Times are milliseconds since 1970.
 */
export interface LegRecord {
  readonly legId: string;
  readonly conferenceId: string;
  readonly room: string;
  readonly direction: 'in' | 'out';
  readonly protocol: 'sip' | 'web';
  readonly displayName: string;
  readonly uri?: string;
  readonly remoteAddress: string;
  readonly userAgent?: string;
  readonly device: DeviceClass;
  readonly party: string;
  readonly role: 'host' | 'guest';
  /** Kinds of evidence that were held: `system`, `person`, `possession`. */
  readonly assurance: readonly ('system' | 'person' | 'possession')[];
  readonly personIssuer?: string;
  readonly personSubject?: string;
  readonly systemDomains?: readonly string[];
  readonly systemFault?: string;
  readonly possession?: readonly string[];
  readonly backend: Backend;
  readonly signalingSecurity: string;
  readonly decision: DecisionRecord;
}

export interface DecisionRecord {
  readonly decisionId: string;
  readonly revision: string;
  readonly effect: 'allow' | 'deny';
  readonly policies: readonly string[];
  readonly decidedBy: string;
  readonly fallback?: string;
}

export interface MediaRecord {
  readonly audioCodec?: string;
  readonly videoCodec?: string;
  readonly mediaSecurity?: string;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsSent: number;
}

export type RecordEvent =
  | { readonly type: 'conference-start'; readonly conferenceId: string; readonly room: string }
  | {
      readonly type: 'conference-end';
      readonly conferenceId: string;
      readonly legs: number;
      readonly most: number;
    }
  | { readonly type: 'leg-start'; readonly leg: LegRecord }
  /** A change during the call: decided again, admitted from the lobby, role, backend. */
  | {
      readonly type: 'leg-update';
      readonly legId: string;
      readonly change: string;
      readonly decision?: DecisionRecord;
    }
  | {
      readonly type: 'leg-end';
      readonly legId: string;
      readonly cause: TerminationCause;
      readonly detail?: string;
      readonly media?: MediaRecord;
    }
  /** Refused before it was in. `cause` and `detail` name what the far end is not told. */
  | {
      readonly type: 'attempt-refused';
      readonly leg: Omit<LegRecord, 'conferenceId'>;
      readonly cause: TerminationCause;
      readonly detail?: string;
      /** What its decision rested on; kept as by `keepDecision` when the attempt gets a record of its own. */
      readonly request?: unknown;
    };

/** The zone's call records. Sealed for the owner: what was written cannot be read back here. */
export interface CallRecords extends Closable {
  /**
   * Resolves when the record is durable. Refused attempts of one source over the limit are counted and written as a summary. Throws
   * `unavailable` when it cannot be written; the caller then admits nobody.
   */
  write(event: RecordEvent): Promise<void>;
  /** Keeps what a decision rested on, sealed like a record, so that it can be replayed by the owner. */
  keepDecision(decisionId: string, request: unknown): Promise<void>;
}
