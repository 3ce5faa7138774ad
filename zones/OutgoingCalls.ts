import { errorText, termination, terminationTexts, ZonebridgeError, type Log } from '#kernel/index.ts';
import type { RoomConfig } from './config/schema.ts';
import type { DialledCall, DialOut } from './DialOut.ts';
import type { Participant } from './Participant.ts';
import type { PolicyRequest } from './policy/contract.ts';

interface OutgoingCallsOptions {
  readonly room: RoomConfig;
  readonly dialOut: Pick<DialOut, 'call'>;
  /** Of those who are in. */
  readonly occupancy: () => PolicyRequest['occupancy'];
  /** A sentence that says why nobody can be called into the room now. */
  readonly obstacle: () => string | undefined;
  /** Makes the call a participant, which has not joined. */
  readonly add: (dialled: DialledCall) => Participant;
  readonly join: (participant: Participant) => Promise<void>;
  readonly log: Log;
}

/** As many people as one would call at once; those who are called need not want it. */
const mostRinging = 5;

/** The calls that a zone makes into one room. */
export class OutgoingCalls {
  readonly #options: OutgoingCallsOptions;
  #ringing = 0;

  constructor(options: OutgoingCallsOptions) {
    this.#options = options;
  }

  /** For a host: `tell` is told what becomes of it. */
  dial(uri: string, tell: (text: string) => void): void {
    this.call(uri)
      .then(tell)
      .catch((error: unknown) => {
        this.#options.log.error({ error: errorText(error) }, 'a call could not be made');
        tell('The call could not be made');
      });
  }

  /** Calls somebody into the room. Resolves with a sentence that says what came of it, once he has answered or not. */
  async call(uri: string): Promise<string> {
    const called = await this.#call(uri);
    if ('refused' in called) return called.refused;
    const { displayName } = called.visitor.call;
    return called.joined
      ? `${displayName} is in the room`
      : `${displayName}: ${terminationTexts[called.cause]}`;
  }

  /** The same for a call that stands: resolves when it is over, rejects when it did not come about. */
  async stand(uri: string, established: () => void, signal: AbortSignal): Promise<void> {
    const called = await this.#call(uri, signal);
    if ('refused' in called) throw new ZonebridgeError('forbidden', called.refused);
    if (!called.joined) throw new ZonebridgeError('unreachable', terminationTexts[called.cause]);
    established();
    await called.whenClosed;
  }

  async #call(uri: string, signal?: AbortSignal): Promise<Participant | { readonly refused: string }> {
    // A standing call is one of as many as the configuration has.
    const isAsked = signal === undefined;
    const refused = this.#options.obstacle() ?? (isAsked ? this.#tooMany : undefined);
    if (refused !== undefined) return { refused };
    if (!isAsked) return this.#ring(uri, signal);
    this.#ringing += 1;
    try {
      return await this.#ring(uri);
    } finally {
      this.#ringing -= 1;
    }
  }

  get #tooMany(): string | undefined {
    return this.#ringing < mostRinging
      ? undefined
      : `${mostRinging} calls from this room ring already. Wait until one is answered`;
  }

  async #ring(uri: string, signal?: AbortSignal): Promise<Participant | { readonly refused: string }> {
    const { dialOut, room, occupancy, add, join } = this.#options;
    const made = await dialOut.call(uri, room, occupancy());
    if ('refused' in made) return made;
    const participant = add(made);
    const giveUp = (): void => participant.end(termination('local-hangup'));
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    await join(participant);
    return participant;
  }
}
