import { Closable, errorText, type Log } from '#kernel/index.ts';
import type { Mixer } from '../mixer/contract.ts';
import type { ConferenceTransport } from './ConferenceTransport.ts';
import type { Leg } from './Leg.ts';

const intervalMs = 5000;
/** Shorter silences are ordinary: a muted phone sends RTCP every few seconds only. */
const defaultStalledMs = 10_000;
/** A smaller change of loss is not worth a message. */
const lossStep = 0.01;

interface Known {
  silentSinceMs: number;
  loss: number;
}

/** Looks at all legs of a zone from time to time: who fell silent, whose packets get lost. */
export class LegWatch extends Closable {
  readonly #conferences: () => Iterable<ConferenceTransport>;
  readonly #mixer: Mixer;
  readonly #log: Log;
  readonly #known = new WeakMap<Leg, Known>();
  readonly #stalledMs: number;
  readonly #timer: NodeJS.Timeout;

  constructor(
    conferences: () => Iterable<ConferenceTransport>,
    mixer: Mixer,
    log: Log,
    options: { readonly stalledMs?: number } = {},
  ) {
    super();
    this.#stalledMs = options.stalledMs ?? defaultStalledMs;
    this.#conferences = conferences;
    this.#mixer = mixer;
    this.#log = log;
    this.#timer = setInterval(() => void this.look(), intervalMs);
    this.#timer.unref();
  }

  async look(): Promise<void> {
    for (const conference of this.#conferences()) {
      for (const leg of conference.legs.values()) {
        try {
          await this.#lookAt(conference, leg);
        } catch (error) {
          // It closed meanwhile, or its worker died: both are told elsewhere.
          this.#log.debug({ leg: leg.id, error: errorText(error) }, 'a leg could not be looked at');
        }
      }
    }
  }

  protected release(): void {
    clearInterval(this.#timer);
  }

  async #lookAt(conference: ConferenceTransport, leg: Leg): Promise<void> {
    const nowMs = performance.now();
    const known = this.#known.get(leg) ?? { silentSinceMs: nowMs, loss: 0 };
    this.#known.set(leg, known);
    if (!leg.expectsMedia) {
      known.silentSinceMs = nowMs;
      return;
    }
    known.silentSinceMs = Math.max(known.silentSinceMs, await leg.heardMs());
    const silentMs = nowMs - known.silentSinceMs;
    if (silentMs >= this.#stalledMs) conference.emit('stalled', leg.id, Math.round(silentMs));
    await leg.onVideo((video) => video.adapt(nowMs));
    const loss = await leg.reportedLoss();
    if (loss === undefined || Math.abs(loss - known.loss) < lossStep || leg.closed) return;
    known.loss = loss;
    await this.#mixer.setPacketLoss(leg.id, loss);
  }
}
