import { randomInt, randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import {
  errorCodeOf,
  errorText,
  termination,
  terminationTexts,
  ZonebridgeError,
  type Log,
  type Stage,
  type Termination,
} from '#kernel/index.ts';
import type {
  Call,
  CallOrigin,
  CallOwner,
  Endpoint,
  Gate,
  RoomState,
  RosterEntry,
  WaitingEntry,
} from '../call.ts';
import { descriptionOf, readSession, writeOffer } from '../sdp/index.ts';
import { causesOfErrors, endingOf } from './endings.ts';
import { closeCodes, type ClientMessage, type ServerMessage } from './protocol.ts';
import { roomMessage, rosterMessage, stageMessage, waitingMessage } from './sharedMessages.ts';
import { tellOwner } from './tellOwner.ts';
import { WebGates } from './WebGates.ts';

const answerDeadlineMs = 15_000;
/** A browser that reads so far behind will not catch up; what waits for it is our memory. */
const maxUnreadBytes = 1024 * 1024;

/** What a browser makes sense of after `joined` only, in the order in which it is told. */
const earlyKinds = ['roster', 'stage', 'room', 'waiting', 'notice'] as const;
type EarlyKind = (typeof earlyKinds)[number];

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
  /** It is on. */
  readonly camera: boolean;
  readonly origin: CallOrigin;
  readonly log: Log;
}

/** One browser in a room, after its `join` message. It lives as long as its WebSocket. */
export class WebCall implements Call {
  readonly id = randomUUID();
  readonly protocol = 'web';
  readonly direction = 'in';
  readonly room: string;
  readonly displayName: string;
  readonly origin: CallOrigin;
  readonly #socket: WebSocket;
  readonly #log: Log;
  readonly #sessionId = String(randomInt(1, 2 ** 47));
  readonly #gates = new WebGates((message) => this.#send(message));
  #offerId = 0;
  #pending: PendingAnswer | undefined;
  #owner: CallOwner | undefined;
  #muted: boolean;
  #camera: boolean;
  /** The latest of each, until it has joined. */
  readonly #early = new Map<EarlyKind, string>();
  #joined = false;
  #ended = false;

  constructor(options: WebCallOptions) {
    this.room = options.room;
    this.displayName = options.displayName;
    this.origin = options.origin;
    this.#muted = options.muted;
    this.#camera = options.camera;
    this.#socket = options.socket;
    this.#log = options.log.child({ call: this.id });
    this.#socket.once('close', () => this.#end({ cause: 'transport-lost' }));
  }

  get ended(): boolean {
    return this.#ended;
  }

  async admit(endpoint: Endpoint, owner: CallOwner): Promise<void> {
    this.#owner = owner;
    this.#gates.end();
    // Before anything can be heard or seen.
    if (this.#muted) owner.setMuted(true);
    owner.setCamera(this.#camera);
    try {
      await this.#negotiate(endpoint);
      if (this.#ended) throw new ZonebridgeError('closed', 'the browser left while it joined');
    } catch (error) {
      await this.#finish(termination(causesOfErrors[errorCodeOf(error)], errorText(error)), 'refused');
      throw error;
    }
    this.#joined = true;
    const { participantId, roomTitle, zoneName, isHost } = owner;
    this.#send({
      type: 'joined',
      participantId,
      room: { name: this.room, title: roomTitle },
      zone: { name: zoneName },
      host: isHost,
    });
    for (const kind of earlyKinds) this.#write(this.#early.get(kind));
    this.#early.clear();
  }

  refuse(because: Termination): Promise<void> {
    return this.#finish(because, 'refused');
  }

  /**
   * Shows what must be done first. `pin` resolves with the digits that were typed. `lobby` resolves at once: the person is told that he
   * waits, until the call is admitted or refused. `login` resolves at once too: the page goes there by itself and the zone refuses the call,
   * which comes back as another one. Rejects with `closed` when the browser leaves.
   */
  pass(gate: Gate): Promise<string> {
    return this.#gates.pass(gate);
  }

  hangup(because: Termination): Promise<void> {
    return this.#finish(because, this.#joined ? 'ended' : 'refused');
  }

  async reoffer(endpoint: Endpoint): Promise<void> {
    await this.#negotiate(endpoint);
  }

  showRoster(_selfId: string, roster: readonly RosterEntry[]): void {
    this.#show('roster', rosterMessage(roster));
  }

  showStage(selfId: string, stage: Stage): void {
    this.#show('stage', stageMessage(selfId, stage));
  }

  showWaiting(waiting: readonly WaitingEntry[]): void {
    this.#show('waiting', waitingMessage(waiting));
  }

  showRoomState(state: RoomState): void {
    this.#show('room', roomMessage(state));
  }

  showRole(isHost: boolean): void {
    this.#send({ type: 'role', host: isHost });
  }

  showMuted(): void {
    this.#muted = true;
    this.#send({ type: 'muted' });
  }

  showNotice(text: string): void {
    this.#show('notice', JSON.stringify({ type: 'notice', text } satisfies ServerMessage));
  }

  stopSharing(): void {
    this.#send({ type: 'stop-sharing' });
  }

  /** A checked message of the browser, after `join`. */
  receive(message: Exclude<ClientMessage, { type: 'join' }>): void {
    if (this.#ended) return;
    switch (message.type) {
      case 'leave':
        this.#end({ cause: 'remote-hangup' });
        this.#socket.close(closeCodes.ended);
        return;
      case 'answer':
        // An answer to an offer that was replaced meanwhile is late, not wrong.
        if (this.#pending?.offerId === message.offerId) this.#pending.resolve(message.sdp);
        return;
      case 'reoffer':
        this.#owner?.reofferWanted();
        this.#pending?.reject(new ZonebridgeError('not-acceptable', 'the browser could not use the offer'));
        return;
      case 'mute':
        this.#muted = message.muted;
        this.#owner?.setMuted(message.muted);
        return;
      case 'camera':
        this.#camera = message.on;
        this.#owner?.setCamera(message.on);
        return;
      case 'code':
        this.#gates.receive(message.code);
        return;
      default:
        if (this.#owner !== undefined) tellOwner(this.#owner, message);
    }
  }

  async #negotiate(endpoint: Endpoint): Promise<void> {
    if (this.#ended) throw new ZonebridgeError('closed', 'the browser left before the offer');
    const offerId = ++this.#offerId;
    const origin = { sessionId: this.#sessionId, sessionVersion: offerId };
    const sdp = writeOffer(endpoint.local, origin, 'browser');
    const answered = this.#awaitAnswer(offerId);
    this.#send({ type: 'offer', offerId, sdp });
    const answer = descriptionOf(readSession(await answered, 'answer', 'browser'));
    if (answer === undefined)
      throw new ZonebridgeError('not-acceptable', 'the browser answered without audio');
    await endpoint.accept(answer);
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

  /** `joined` comes before what it makes sense of. */
  #show(kind: EarlyKind, text: string): void {
    if (this.#joined) this.#write(text);
    else this.#early.set(kind, text);
  }

  #send(message: ServerMessage): void {
    this.#write(JSON.stringify(message));
  }

  #write(text: string | undefined): void {
    if (text === undefined || this.#socket.readyState !== this.#socket.OPEN) return;
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
    this.#gates.end();
    this.#pending?.reject(new ZonebridgeError('closed', 'the browser is gone'));
    this.#owner?.ended(because);
  }
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
