import { errorText, type Log } from '#kernel/index.ts';
import { AnnouncedRoster, conferenceInfoType, readConferenceInfo } from './conferenceInfo.ts';
import type { DrachtioRequest } from './drachtio.ts';
import type { SipDialog } from './SipDialog.ts';

interface ConferenceSubscriptionOptions {
  readonly dialog: Pick<SipDialog, 'subscribe'>;
  /** How many its focus says are there; whenever that is another number. */
  readonly onRoster: (people: number) => void;
  readonly log: Log;
}

const event = 'conference';
const lifetimeSeconds = 3600;
/** Renewed after this part of what the focus grants, and no oftener than that. */
const renewalShare = 0.8;
const shortestMs = 60_000;

/**
 * Asks a far end that says it is a focus how many are in its conference (RFC 4575), in the dialog of the call. It may refuse, and is not asked again
 * then. Ends with the call.
 */
export class ConferenceSubscription implements Disposable {
  readonly #options: ConferenceSubscriptionOptions;
  readonly #roster = new AnnouncedRoster();
  #state: 'none' | 'asked' | 'over' = 'none';
  #renewal: NodeJS.Timeout | undefined;
  #told = 0;

  constructor(options: ConferenceSubscriptionOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#state !== 'none') return;
    this.#state = 'asked';
    void this.#subscribe();
  }

  /** A NOTIFY in the dialog: false when it is none of what was asked for (RFC 6665 §4.1.3). */
  notified(request: DrachtioRequest): boolean {
    const [name = ''] = (request.get('Event') ?? '').split(';');
    if (this.#state !== 'asked' || name.trim().toLowerCase() !== event) return false;
    if (/^\s*terminated/i.test(request.get('Subscription-State') ?? '')) this[Symbol.dispose]();
    const document = readConferenceInfo(request);
    if (document !== undefined) this.#roster.follow(document);
    if (this.#roster.size !== this.#told) {
      this.#told = this.#roster.size;
      this.#options.onRoster(this.#told);
    }
    return true;
  }

  [Symbol.dispose](): void {
    this.#state = 'over';
    clearTimeout(this.#renewal);
  }

  async #subscribe(): Promise<void> {
    const { dialog, log } = this.#options;
    try {
      const granted = await dialog.subscribe(event, conferenceInfoType, lifetimeSeconds);
      if (this.#state !== 'asked') return;
      if (granted === undefined) return this[Symbol.dispose]();
      const waitMs = Math.max(shortestMs, granted * 1000 * renewalShare);
      this.#renewal = setTimeout(() => void this.#subscribe(), waitMs).unref();
    } catch (error) {
      log.debug(
        { error: errorText(error) },
        'the conference behind a call could not be asked for its roster',
      );
    }
  }
}
