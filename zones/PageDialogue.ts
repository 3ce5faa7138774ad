import { ZonebridgeError } from '#kernel/index.ts';
import type { Call } from '#signaling/call.ts';
import type { GateDialogue, PinQuestion } from './Entrance.ts';
import type { WaitingFor } from './rooms/Lobby.ts';

/** How long somebody may take to find his PIN. */
export const codeTimeoutMs = 120_000;

/** Asks by the page, before there is any media. */
export class PageDialogue implements GateDialogue {
  readonly #pass: NonNullable<Call['pass']>;

  constructor(pass: NonNullable<Call['pass']>) {
    this.#pass = pass;
  }

  async askPin({ wrong, retryInMs, digits, mayBeGuest }: PinQuestion): Promise<string> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new ZonebridgeError('timeout', 'no code was typed')),
      codeTimeoutMs + retryInMs,
    );
    try {
      const typed = this.#pass({ kind: 'pin', wrong, mayRetryInMs: retryInMs, digits, mayBeGuest });
      return await Promise.race([typed, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async showLobby(waitsFor: WaitingFor): Promise<void> {
    await this.#pass({ kind: 'lobby', until: waitsFor === 'host' ? 'host' : 'admitted' });
  }
}
