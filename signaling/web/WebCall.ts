import { randomInt, randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import {
  errorCodeOf,
  errorText,
  termination,
  terminationTexts,
  ZonebridgeError,
  type Log,
  type Termination,
} from '#kernel/index.ts';
import type { Call, CallOrigin, CallOwner, Endpoint, RosterEntry } from '../call.ts';
import { readSession, writeOffer } from '../sdp/index.ts';
import { causesOfErrors, endingOf } from './endings.ts';
import { closeCodes, type ClientMessage, type ServerMessage } from './protocol.ts';

const answerDeadlineMs = 15_000;
/** A browser that reads so far behind will not catch up; what waits for it is our memory. */
const maxUnreadBytes = 1024 * 1024;

interface PendingAnswer {
  readonly offerId: number;
  resolve(sdp: string): void;
  reject(error: ZonebridgeError): void;
}

interface WebCallOptions {
  readonly socket: WebSocket;
  readonly room: string;
  readonly displayName: string;
  readonly muted: boolean;
  readonly origin: CallOrigin;
  readonly log: Log;
}

/** One browser in a room, after its `join` message. It lives as long as its WebSocket. */
export class WebCall implements Call {
  readonly id = randomUUID();
  readonly protocol = 'web';
  readonly room: string;
  readonly displayName: string;
  readonly origin: CallOrigin;
  readonly #socket: WebSocket;
  readonly #log: Log;
  readonly #sessionId = String(randomInt(1, 2 ** 47));
  #offerId = 0;
  #pending: PendingAnswer | undefined;
  #owner: CallOwner | undefined;
  #muted: boolean;
  #joined = false;
  #ended = false;

  constructor(options: WebCallOptions) {
    this.room = options.room;
    this.displayName = options.displayName;
    this.origin = options.origin;
    this.#muted = options.muted;
    this.#socket = options.socket;
    this.#log = options.log.child({ call: this.id });
    this.#socket.once('close', () => this.#end({ cause: 'transport-lost' }));
  }

  get ended(): boolean {
    return this.#ended;
  }

  async admit(endpoint: Endpoint, owner: CallOwner): Promise<void> {
    this.#owner = owner;
    // Before anything can be heard.
    if (this.#muted) owner.setMuted(true);
    try {
      await this.#negotiate(endpoint);
      if (this.#ended) throw new ZonebridgeError('closed', 'the browser left while it joined');
    } catch (error) {
      await this.#finish(termination(causesOfErrors[errorCodeOf(error)], errorText(error)), 'refused');
      throw error;
    }
    this.#joined = true;
    const { participantId, roomTitle, zoneName } = owner;
    this.#send({
      type: 'joined',
      participantId,
      room: { name: this.room, title: roomTitle },
      zone: { name: zoneName },
    });
  }

  refuse(because: Termination): Promise<void> {
    return this.#finish(because, 'refused');
  }

  hangup(because: Termination): Promise<void> {
    return this.#finish(because, this.#joined ? 'ended' : 'refused');
  }

  async reoffer(endpoint: Endpoint): Promise<void> {
    await this.#negotiate(endpoint);
  }

  showRoster(_selfId: string, roster: readonly RosterEntry[]): void {
    this.#write(rosterMessage(roster));
  }

  /** A checked message of the browser, after `join`. */
  receive(message: Exclude<ClientMessage, { type: 'join' }>): void {
    if (this.#ended) return;
    if (message.type === 'leave') {
      this.#end({ cause: 'remote-hangup' });
      this.#socket.close(closeCodes.ended);
    } else if (message.type === 'mute') {
      this.#muted = message.muted;
      this.#owner?.setMuted(message.muted);
    } else if (message.type === 'answer') {
      // An answer to an offer that was replaced meanwhile is late, not wrong.
      if (this.#pending?.offerId === message.offerId) this.#pending.resolve(message.sdp);
    } else {
      this.#owner?.reofferWanted();
      this.#pending?.reject(new ZonebridgeError('not-acceptable', 'the browser could not use the offer'));
    }
  }

  async #negotiate(endpoint: Endpoint): Promise<void> {
    if (this.#ended) throw new ZonebridgeError('closed', 'the browser left before the offer');
    const offerId = ++this.#offerId;
    const origin = { sessionId: this.#sessionId, sessionVersion: offerId };
    const sdp = writeOffer(endpoint.local, origin, 'browser');
    const answered = this.#awaitAnswer(offerId);
    this.#send({ type: 'offer', offerId, sdp });
    const remote = readSession(await answered, 'answer');
    const audio = remote.audioIndex === undefined ? undefined : remote.sections[remote.audioIndex]?.audio;
    if (audio === undefined)
      throw new ZonebridgeError('not-acceptable', 'the browser answered without audio');
    await endpoint.accept(audio);
  }

  #awaitAnswer(offerId: number): Promise<string> {
    this.#pending?.reject(new ZonebridgeError('closed', 'another offer was made'));
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const timer = setTimeout(
      () => reject(new ZonebridgeError('timeout', 'the browser did not answer the offer')),
      answerDeadlineMs,
    );
    const pending = { offerId, resolve, reject };
    this.#pending = pending;
    return promise.finally(() => {
      clearTimeout(timer);
      if (this.#pending === pending) this.#pending = undefined;
    });
  }

  #send(message: ServerMessage): void {
    this.#write(JSON.stringify(message));
  }

  #write(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > maxUnreadBytes) this.#socket.terminate();
    else this.#socket.send(text);
  }

  /** Tells the browser why, then closes; resolves when the socket is closed. */
  async #finish(because: Termination, type: 'refused' | 'ended'): Promise<void> {
    const { mayRetry } = endingOf(because.cause);
    const text = terminationTexts[because.cause];
    if (type === 'refused') this.#send({ type, text, mayRetry });
    else this.#send({ type, text, mayRejoin: mayRetry });
    this.#end(because);
    await closeSocket(this.#socket, closeCodes[type]);
  }

  #end(because: Termination): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#log.debug({ cause: because.cause }, 'browser call over');
    this.#pending?.reject(new ZonebridgeError('closed', 'the browser is gone'));
    this.#owner?.ended(because);
  }
}

/** A roster goes to everybody in the room and is written once. */
const writtenRosters = new WeakMap<readonly RosterEntry[], string>();

function rosterMessage(participants: readonly RosterEntry[]): string {
  const written = writtenRosters.get(participants);
  if (written !== undefined) return written;
  const text = JSON.stringify({ type: 'roster', participants } satisfies ServerMessage);
  writtenRosters.set(participants, text);
  return text;
}

const closeDeadlineMs = 2_000;

/** A closing handshake, cut short when the browser does not take part in it. */
function closeSocket(socket: WebSocket, code: number): Promise<void> {
  if (socket.readyState === socket.CLOSED) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), closeDeadlineMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(code);
  });
}
