import type { Termination } from '#kernel/index.ts';
import type { Entrance } from './Entrance.ts';
import type { ParticipantLeg } from './ParticipantLeg.ts';
import { lobbyBell } from './prompts/lobbyBell.ts';
import type { Prompts } from './prompts/Prompts.ts';
import { longestSentenceMs, VoiceDialogue } from './VoiceDialogue.ts';

interface PhoneVoiceOptions {
  readonly leg: ParticipantLeg;
  readonly prompts: Prompts;
  readonly roomTitle: string;
  /** Browsers are told by the page. */
  readonly isPhone: boolean;
  /** The call is over. */
  readonly isOver: () => boolean;
}

/** What is said to one caller by voice, before it is in the room and while it is. */
export class PhoneVoice {
  readonly #options: PhoneVoiceOptions;
  /** While it is asked. */
  #dialogue: VoiceDialogue | undefined;

  constructor(options: PhoneVoiceOptions) {
    this.#options = options;
  }

  /** Its leg is outside of the room until it has passed. A refusal has been said already. */
  async pass(entrance: Entrance): Promise<Termination | undefined> {
    const { leg, prompts, roomTitle: title, isOver } = this.#options;
    if (isOver()) return undefined;
    const dialogue = new VoiceDialogue({ leg, prompts, title });
    this.#dialogue = dialogue;
    try {
      const refused = await entrance.pass(dialogue);
      await (refused === undefined ? dialogue.passed() : dialogue.refused(refused.cause));
      return refused;
    } catch (error) {
      // It hung up while it was asked.
      if (isOver()) return undefined;
      throw error;
    } finally {
      this.close();
    }
  }

  /** A key. False: nothing is asked just now. */
  digit(digit: string): boolean {
    this.#dialogue?.digit(digit);
    return this.#dialogue !== undefined;
  }

  /** Of a host: somebody has come to the door. `first`: nobody waited before, so that it is said what to do. */
  ringBell(first: boolean): void {
    if (this.#options.isPhone) void this.#ring(first);
  }

  /** Its time is nearly over. */
  async warn(): Promise<void> {
    const { leg, prompts } = this.#options;
    await leg.play(prompts.samples('ending-soon'));
  }

  /** The meeting is over. */
  async goodbye(): Promise<void> {
    const { leg, prompts, isPhone, isOver } = this.#options;
    if (isPhone && !isOver()) await leg.playAtMost(prompts.samples('goodbye'), longestSentenceMs);
  }

  /** Nothing is asked any more. */
  close(): void {
    this.#dialogue?.close();
    this.#dialogue = undefined;
  }

  async #ring(first: boolean): Promise<void> {
    const { leg, prompts } = this.#options;
    await leg.playAtMost(lobbyBell, longestSentenceMs);
    if (first) await leg.playAtMost(prompts.samples('somebody-waits'), longestSentenceMs);
  }
}
