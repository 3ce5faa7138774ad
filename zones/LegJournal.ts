import { errorText, type Log, type Termination } from '#kernel/index.ts';
import type { CallRecords } from './cdr/contract.ts';
import type { PolicyDecision } from './policy/contract.ts';
import { decisionRecord, type Visitor } from './Visitor.ts';

interface LegJournalOptions {
  readonly records: CallRecords;
  readonly visitor: Visitor;
  readonly legId: string;
  readonly conferenceId: string;
  readonly log: Log;
}

/** What is written of one leg, from its first decision to its end. */
export class LegJournal {
  readonly #options: LegJournalOptions;
  #decision: PolicyDecision | undefined;
  /** What the latest decision rested on, while it is not kept. */
  #request: unknown;
  #started = false;

  constructor(options: LegJournalOptions) {
    this.#options = options;
  }

  /** The latest decision. Undefined before the first. */
  get decision(): PolicyDecision | undefined {
    return this.#decision;
  }

  /**
   * Keeps what it rested on, so that the owner can have it decided again: of one who is not in when it is known what becomes of him, since
   * attempts are written of no oftener than the records allow. Throws `unavailable`.
   */
  async decided(decision: PolicyDecision, request: unknown): Promise<void> {
    this.#decision = decision;
    this.#request = request;
    if (this.#started) await this.#keep();
  }

  /** Before the far end is answered. Throws `unavailable`: nobody comes in unrecorded. */
  async start(decision: PolicyDecision): Promise<void> {
    const { records, visitor, conferenceId } = this.#options;
    await this.#keep();
    await records.write({ type: 'leg-start', leg: { ...visitor.legRecord(decision), conferenceId } });
    this.#started = true;
  }

  /** Something about it has changed during the call. */
  async changed(change: string, decision?: PolicyDecision): Promise<void> {
    if (decision !== undefined) this.#decision = decision;
    if (!this.#started) return;
    const { records, legId } = this.#options;
    const decided = decision === undefined ? {} : { decision: decisionRecord(decision) };
    await this.#tried(records.write({ type: 'leg-update', legId, change, ...decided }));
  }

  /** It is over; `because` names what the far end is not told. */
  async end(because: Termination): Promise<void> {
    const { records, visitor, legId } = this.#options;
    const detail = because.detail === undefined ? {} : { detail: because.detail };
    if (this.#started) {
      const media = visitor.mediaRecord === undefined ? {} : { media: visitor.mediaRecord };
      await this.#tried(records.write({ type: 'leg-end', legId, cause: because.cause, ...detail, ...media }));
    } else if (this.#decision !== undefined) {
      const leg = visitor.legRecord(this.#decision);
      const request = this.#request === undefined ? {} : { request: this.#request };
      const attempt = { type: 'attempt-refused', leg, cause: because.cause, ...detail, ...request } as const;
      await this.#tried(records.write(attempt));
    }
  }

  async #keep(): Promise<void> {
    const request = this.#request;
    if (this.#decision === undefined || request === undefined) return;
    this.#request = undefined;
    await this.#options.records.keepDecision(this.#decision.id, request);
  }

  /** The call goes its way; that a record is missing is for the administrator. */
  async #tried(writing: Promise<void>): Promise<void> {
    await writing.catch((error: unknown) =>
      this.#options.log.error({ error: errorText(error) }, 'a call record could not be written'),
    );
  }
}
