import { setTimeout as delay } from 'node:timers/promises';
import { ZonebridgeError, type TerminationCause } from '#kernel/index.ts';
import type { GateDialogue, PinQuestion } from './Entrance.ts';
import type { ParticipantLeg } from './ParticipantLeg.ts';
import { codeTimeoutMs } from './PageDialogue.ts';
import type { PromptId, Prompts } from './prompts/Prompts.ts';
import { DigitEntry } from './rooms/DigitEntry.ts';
import type { WaitingFor } from './rooms/Lobby.ts';

interface VoiceDialogueOptions {
  /** Held outside of the room. */
  readonly leg: Pick<ParticipantLeg, 'hold' | 'play' | 'playAtMost' | 'stopPlaying'>;
  readonly prompts: Prompts;
  /** Of the room; the first line of the slate. */
  readonly title: string;
}

/** In the lobby, so that nobody thinks the line is dead. */
const remindMs = 30_000;
/** Who need not type may be a machine that cannot: so long without a key is taken for having no PIN. */
const guestAfterMs = 20_000;
/** A zone's own sentence may be long, and nothing waits for all of it. */
export const longestSentenceMs = 8000;

/** Asks a phone by voice, and by the slate that it sees; it answers with its keys. */
export class VoiceDialogue implements GateDialogue {
  readonly #options: VoiceDialogueOptions;
  readonly #gone = new AbortController();
  #entry: DigitEntry | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(options: VoiceDialogueOptions) {
    this.#options = options;
  }

  /** A key of the phone. */
  digit(digit: string): void {
    if (this.#entry === undefined) return;
    // Who types has heard enough.
    void this.#options.leg.stopPlaying().catch(() => undefined);
    this.#patience?.refresh();
    this.#entry.press(digit);
  }

  async askPin({ wrong, retryInMs, digits: [, most], mayBeGuest }: PinQuestion): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    await this.#say(questionOf(wrong, mayBeGuest));
    await this.#pause(retryInMs);
    const entry = new DigitEntry({ most, onCode: resolve, mayBeEmpty: mayBeGuest });
    this.#entry = entry;
    const late = (): void =>
      mayBeGuest ? resolve('') : reject(new ZonebridgeError('timeout', 'no code was typed'));
    this.#patience = setTimeout(late, mayBeGuest ? guestAfterMs : codeTimeoutMs);
    const gone = (): void => reject(new ZonebridgeError('closed', 'the caller has gone'));
    this.#gone.signal.addEventListener('abort', gone, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(this.#patience);
      this.#gone.signal.removeEventListener('abort', gone);
      this.#entry = undefined;
      await entry.close('a code was typed');
    }
  }

  async showLobby(until: WaitingFor): Promise<void> {
    const prompt = until === 'host' ? 'welcome-host-missing' : 'waiting';
    await this.#show(prompt);
    void this.#remind(prompt);
  }

  /** It is let in. */
  async passed(): Promise<void> {
    const { leg, prompts } = this.#options;
    this.close();
    await leg.stopPlaying();
    await leg.hold(undefined);
    void leg.playAtMost(prompts.samples('admitted'), longestSentenceMs);
  }

  /** It is not let in, and hears so before its call ends. */
  async refused(cause: TerminationCause): Promise<void> {
    if (this.#gone.signal.aborted) return;
    const { leg, prompts, title } = this.#options;
    const prompt = farewellOf(cause);
    await leg.hold({ lines: [title, prompts.text(prompt)] });
    await leg.playAtMost(prompts.samples(prompt), longestSentenceMs);
  }

  /** Nothing is asked any more. */
  close(): void {
    this.#gone.abort();
  }

  /** Shows the sentence and plays it; the answer may come while it plays. */
  async #say(prompt: PromptId): Promise<void> {
    await this.#show(prompt);
    const { leg, prompts } = this.#options;
    void leg.play(prompts.samples(prompt)).catch(() => undefined);
  }

  async #show(prompt: PromptId): Promise<void> {
    const { leg, prompts, title } = this.#options;
    if (this.#gone.signal.aborted) throw new ZonebridgeError('closed', 'the caller has gone');
    await leg.hold({ lines: [title, prompts.text(prompt)] });
  }

  async #remind(prompt: PromptId): Promise<void> {
    const { leg, prompts } = this.#options;
    while (!this.#gone.signal.aborted) {
      await leg.play(prompts.samples(prompt)).catch(() => undefined);
      await delay(remindMs, undefined, { signal: this.#gone.signal }).catch(() => undefined);
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms === 0) return;
    await delay(ms, undefined, { signal: this.#gone.signal }).catch((cause: unknown) => {
      throw new ZonebridgeError('closed', 'the caller has gone', { cause });
    });
  }
}

function questionOf(wrong: boolean, mayBeGuest: boolean): PromptId {
  if (wrong) return 'wrong-pin';
  return mayBeGuest ? 'enter-pin-or-hash' : 'enter-pin';
}

function farewellOf(cause: TerminationCause): PromptId {
  if (cause === 'locked') return 'locked';
  return cause === 'conference-ended' || cause === 'duration-over' ? 'goodbye' : 'refused';
}
