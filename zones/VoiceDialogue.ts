import { setTimeout as delay } from 'node:timers/promises';
import { ZonebridgeError } from '#kernel/index.ts';
import type { GateDialogue, PinQuestion } from './Entrance.ts';
import type { ParticipantLeg } from './ParticipantLeg.ts';
import { codeTimeoutMs } from './PageDialogue.ts';
import type { PromptId, Prompts } from './prompts/Prompts.ts';
import { DigitEntry } from './rooms/DigitEntry.ts';

interface VoiceDialogueOptions {
  /** Held outside of the room. */
  readonly leg: Pick<ParticipantLeg, 'hold' | 'play' | 'stopPlaying'>;
  readonly prompts: Prompts;
  /** Of the room; the first line of the slate. */
  readonly title: string;
}

/** In the lobby, so that nobody thinks the line is dead. */
const remindMs = 30_000;

/** Asks a phone by voice, and by the slate that it sees; it answers with its keys. */
export class VoiceDialogue implements GateDialogue {
  readonly #options: VoiceDialogueOptions;
  readonly #gone = new AbortController();
  #entry: DigitEntry | undefined;

  constructor(options: VoiceDialogueOptions) {
    this.#options = options;
  }

  /** A key of the phone. */
  digit(digit: string): void {
    if (this.#entry === undefined) return;
    // Who types has heard enough.
    void this.#options.leg.stopPlaying().catch(() => undefined);
    this.#entry.press(digit);
  }

  async askPin({ wrong, retryInMs, digits: [, most] }: PinQuestion): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    await this.#say(wrong ? 'wrong-pin' : 'enter-pin');
    await this.#pause(retryInMs);
    const entry = new DigitEntry({ most, onCode: resolve });
    this.#entry = entry;
    const late = setTimeout(() => reject(new ZonebridgeError('timeout', 'no code was typed')), codeTimeoutMs);
    const gone = (): void => reject(new ZonebridgeError('closed', 'the caller has gone'));
    this.#gone.signal.addEventListener('abort', gone, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#gone.signal.removeEventListener('abort', gone);
      this.#entry = undefined;
      await entry.close('a code was typed');
    }
  }

  async showLobby(): Promise<void> {
    await this.#show('waiting');
    void this.#remind();
  }

  /** It is let in. */
  async passed(): Promise<void> {
    const { leg } = this.#options;
    this.close();
    await leg.stopPlaying();
    await leg.hold(undefined);
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

  async #remind(): Promise<void> {
    const { leg, prompts } = this.#options;
    while (!this.#gone.signal.aborted) {
      await leg.play(prompts.samples('waiting')).catch(() => undefined);
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
