import { errorText, type Log } from '#kernel/index.ts';
import type { CallRecords } from './cdr/contract.ts';

interface ConferenceJournalOptions {
  readonly records: CallRecords;
  readonly conferenceId: string;
  readonly room: string;
  readonly log: Log;
}

/** What is written of one conference as a whole: it begins with the first who is in. */
export class ConferenceJournal {
  readonly #options: ConferenceJournalOptions;
  #legs = 0;
  #most = 0;

  constructor(options: ConferenceJournalOptions) {
    this.#options = options;
  }

  /** Somebody has come in; `people` are there now. */
  joined(people: number): void {
    this.#legs += 1;
    this.#most = Math.max(this.#most, people);
    if (this.#legs > 1) return;
    const { records, conferenceId, room } = this.#options;
    void this.#tried(records.write({ type: 'conference-start', conferenceId, room }));
  }

  /** Nothing when nobody ever was in. */
  async end(): Promise<void> {
    if (this.#legs === 0) return;
    const { records, conferenceId } = this.#options;
    await this.#tried(
      records.write({ type: 'conference-end', conferenceId, legs: this.#legs, most: this.#most }),
    );
  }

  /** The conference goes its way; that a record is missing is for the administrator. */
  async #tried(writing: Promise<void>): Promise<void> {
    await writing.catch((error: unknown) =>
      this.#options.log.error({ error: errorText(error) }, 'a call record could not be written'),
    );
  }
}
