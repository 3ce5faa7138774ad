import type { Termination } from '#kernel/index.ts';
import type { Call } from '#signaling/call.ts';

/** Learns what becomes of every call of a zone. Exactly one of `refused` and `admitted` comes, and `ended` after the latter. */
export interface CallObserver {
  /** It is established. */
  admitted(call: Call): void;
  /** It was refused, or ended before it was established. */
  refused(call: Call, because: Termination): void;
  ended(call: Call, because: Termination): void;
}
