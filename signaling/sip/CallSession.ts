import { randomInt } from 'node:crypto';
import { ZonebridgeError, type SessionDescription } from '#kernel/index.ts';
import type { Endpoint } from '../call.ts';
import {
  descriptionOf,
  readSession,
  writeAnswer,
  writeOffer,
  writeReoffer,
  type LocalOrigin,
  type RemoteSession,
} from '../sdp/index.ts';

/** Offer and answer of one SIP call: what the far end described last, and the version of our own description. */
export class CallSession {
  /** Of the far end's last description that had audio. */
  #remote: RemoteSession | undefined;
  readonly #sessionId = String(randomInt(1, 2 ** 47));
  #version = 1;
  #written: string | undefined;

  constructor(offer: RemoteSession | undefined) {
    this.#remote = offer;
  }

  /** What the far end described last; absent when its INVITE had no SDP and no answer came yet. */
  get offer(): SessionDescription | undefined {
    return this.#remote === undefined ? undefined : descriptionOf(this.#remote);
  }

  /** For the first 200: our answer, or our offer when there was none. */
  describe({ local }: Endpoint): string {
    const remote = this.#remote;
    return this.#write((origin) =>
      remote === undefined ? writeOffer(local, origin, 'phone') : writeAnswer(remote, local, origin),
    );
  }

  /**
   * Answers another offer of the far end. Throws what `readSession` and `endpoint.renegotiate` throw, and
   * `not-acceptable` when there is no audio in it that we could use; the session then is as it was.
   */
  async answer(endpoint: Endpoint, text: string): Promise<string> {
    const remote = readSession(text);
    if (remote.audioIndex !== undefined) {
      const local = await endpoint.renegotiate(requireDescription(remote));
      this.#remote = remote;
      return this.#write((origin) => writeAnswer(remote, local, origin));
    }
    const before = this.offer;
    if (before === undefined || !isAudioRefused(remote)) {
      throw new ZonebridgeError('not-acceptable', 'the offer has no audio that can be used');
    }
    // RFC 3264 §8.2: port 0 takes the stream away; the same section may bring it back later. Pictures do not stay alone.
    await endpoint.renegotiate({ audio: { ...before.audio, direction: 'inactive' } });
    return this.#write((origin) => writeAnswer(remote, null, origin));
  }

  /** Our description as an offer, for a re-INVITE without one or of our own. We always would send and receive. */
  offerAgain({ local: { audio, video } }: Endpoint): string {
    const local: SessionDescription = {
      audio: { ...audio, direction: 'sendrecv' },
      ...(video === undefined ? {} : { video: { ...video, direction: 'sendrecv' } }),
    };
    const remote = this.#remote;
    return this.#write((origin) =>
      remote === undefined ? writeOffer(local, origin, 'phone') : writeReoffer(remote, local, origin),
    );
  }

  /** Takes the answer to an offer that the endpoint made. Throws `bad-description`, `not-acceptable`. */
  async accept(endpoint: Endpoint, text: string): Promise<void> {
    const remote = readSession(text, 'answer');
    await endpoint.accept(requireDescription(remote));
    this.#remote = remote;
  }

  /** Takes the answer to `offerAgain` when the endpoint itself made no offer: it says what the far end wants from now on. */
  async follow(endpoint: Endpoint, text: string): Promise<void> {
    const remote = readSession(text, 'answer');
    await endpoint.renegotiate(requireDescription(remote));
    this.#remote = remote;
  }

  /** RFC 3264 §8: another text, another version; the same text, the same version. */
  #write(writeAs: (origin: LocalOrigin) => string): string {
    const sessionId = this.#sessionId;
    const unchanged = writeAs({ sessionId, sessionVersion: this.#version });
    if (this.#written === undefined || this.#written === unchanged) {
      this.#written = unchanged;
      return unchanged;
    }
    this.#version += 1;
    this.#written = writeAs({ sessionId, sessionVersion: this.#version });
    return this.#written;
  }
}

function requireDescription(remote: RemoteSession): SessionDescription {
  const description = descriptionOf(remote);
  if (description === undefined)
    throw new ZonebridgeError('not-acceptable', 'the description has no audio that can be used');
  return description;
}

function isAudioRefused({ sections }: RemoteSession): boolean {
  const audio = sections.filter(({ kind }) => kind === 'audio');
  return audio.length > 0 && audio.every(({ obstacle }) => obstacle === 'disabled');
}
