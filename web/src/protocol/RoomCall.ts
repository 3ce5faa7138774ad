import { AudioPeer } from './AudioPeer.ts';
import { initialCallState, type CallPhase, type CallState, type Ending } from './callState.ts';
import { RetrySchedule } from './RetrySchedule.ts';
import {
  badMessageCode,
  readServerMessage,
  subprotocol,
  writeClientMessage,
  type ClientMessage,
  type ServerMessage,
} from './wire.ts';

/** How long the server has for its first word, and for the offer that we asked for. */
const serverDeadlineMs = 12_000;
const maxFailedOffers = 3;

const texts = {
  lost: 'The connection to the server was lost',
  unreachable: 'The server cannot be reached',
  givenUp: 'The server could not be reached again',
  tooNew: 'This page and the server do not fit together. Reload the page',
  noAudio: 'This browser could not set up the audio of the call',
  left: 'You left the call',
} as const;

export interface RoomCallOptions {
  readonly url: string;
  readonly name: string;
  readonly muted: boolean;
  /** The microphone; undefined to listen only. */
  readonly track: MediaStreamTrack | undefined;
  readonly onState: (state: CallState) => void;
  readonly createConnection?: () => RTCPeerConnection;
  readonly retryDelaysMs?: readonly number[];
}

/** One person's call in one room: keeps it up across lost connections until it is left, ended or hopeless. */
export class RoomCall {
  readonly #options: RoomCallOptions;
  readonly #retries: RetrySchedule;
  #state: CallState;
  #socket: WebSocket | undefined;
  #peer: AudioPeer | undefined;
  #track: MediaStreamTrack | undefined;
  #failedOffers = 0;
  #joinedAtMs: number | undefined;
  #everJoined = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #serverTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RoomCallOptions) {
    this.#options = options;
    this.#retries = new RetrySchedule(options.retryDelaysMs);
    this.#track = options.track;
    this.#state = { ...initialCallState, muted: options.muted };
    if (this.#track !== undefined) this.#track.enabled = !options.muted;
    this.#connect();
  }

  get state(): CallState {
    return this.#state;
  }

  setMuted(muted: boolean): void {
    this.#update({ muted });
    if (this.#track !== undefined) this.#track.enabled = !muted;
    if (this.#state.phase.kind === 'joined') this.#send({ type: 'mute', muted });
  }

  /** Another microphone, or none. */
  async setTrack(track: MediaStreamTrack | undefined): Promise<void> {
    this.#track = track;
    if (track !== undefined) track.enabled = !this.#state.muted;
    const carried = (await this.#peer?.setTrack(track)) ?? true;
    if (!carried) this.#askForOffer();
  }

  /** Ends a pause before the next attempt. */
  retryNow(): void {
    if (this.#state.phase.kind === 'reconnecting' && this.#socket === undefined) this.#connect();
  }

  leave(): void {
    this.#send({ type: 'leave' });
    this.#finish('left', texts.left, true);
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    const socket = new WebSocket(this.#options.url, subprotocol);
    this.#socket = socket;
    let opened = false;
    this.#awaitServer();
    socket.onopen = () => {
      opened = true;
      this.#send({ type: 'join', name: this.#options.name, muted: this.#state.muted });
    };
    socket.onmessage = ({ data }) => this.#receive(readServerMessage(String(data)));
    socket.onclose = ({ code }) => {
      if (code === badMessageCode) this.#finish('ended', texts.tooNew, true);
      else this.#lose(opened ? texts.lost : texts.unreachable);
    };
  }

  #receive(message: ServerMessage | undefined): void {
    if (message === undefined) return;
    clearTimeout(this.#serverTimer);
    switch (message.type) {
      case 'offer':
        void this.#answer(message.offerId, message.sdp);
        break;
      case 'joined':
        this.#everJoined = true;
        this.#joinedAtMs = Date.now();
        this.#update({
          phase: { kind: 'joined' },
          selfId: message.participantId,
          roomTitle: message.room.title,
          zoneName: message.zone.name,
          // Those of a former call, under ids that say nothing now; the roster follows.
          participants: [],
        });
        // Pressed while the answer was under way.
        this.#send({ type: 'mute', muted: this.#state.muted });
        break;
      case 'roster':
        this.#update({ participants: message.participants });
        break;
      case 'refused':
        if (this.#everJoined && message.mayRetry) this.#lose(message.text);
        else this.#finish('refused', message.text, message.mayRetry);
        break;
      case 'ended':
        if (message.mayRejoin) this.#lose(message.text);
        else this.#finish('ended', message.text, true);
        break;
    }
  }

  /** Each offer gets a connection of its own; the microphone goes on to it. */
  async #answer(offerId: number, sdp: string): Promise<void> {
    this.#peer?.close();
    const peer = new AudioPeer({
      createConnection: this.#options.createConnection ?? (() => new RTCPeerConnection()),
      onStream: (remoteStream) => this.#update({ remoteStream }),
      onMedia: (media) => {
        if (media === 'connected') this.#failedOffers = 0;
        this.#update({ media: media === 'failed' ? 'interrupted' : media });
        if (media === 'failed') this.#askForOffer();
      },
    });
    this.#peer = peer;
    this.#update({ media: 'connecting' });
    const track = this.#track;
    try {
      const answer = await peer.answer(sdp, track);
      if (this.#peer !== peer) return;
      this.#send({ type: 'answer', offerId, sdp: answer });
      if (this.#track !== track) await this.setTrack(this.#track);
    } catch (error) {
      if (this.#peer === peer) this.#offerFailed(error);
    }
  }

  #offerFailed(error: unknown): void {
    console.error('the offer could not be answered', error);
    this.#failedOffers++;
    if (this.#failedOffers < maxFailedOffers) this.#askForOffer();
    else this.#finish('ended', texts.noAudio, true);
  }

  #askForOffer(): void {
    this.#send({ type: 'reoffer' });
    this.#awaitServer();
  }

  /** A network that is gone says nothing: a silent server is taken for lost. */
  #awaitServer(): void {
    clearTimeout(this.#serverTimer);
    this.#serverTimer = setTimeout(() => this.#lose(texts.lost), serverDeadlineMs);
  }

  #lose(text: string): void {
    this.#disconnect();
    if (this.#joinedAtMs !== undefined) this.#retries.wasUp(Date.now() - this.#joinedAtMs);
    this.#joinedAtMs = undefined;
    const next = this.#retries.next();
    if (next === undefined) return this.#finish('given-up', texts.givenUp, true);
    const { attempt, delayMs } = next;
    const retryAtMs = Date.now() + delayMs;
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
    const phase = {
      kind: 'reconnecting',
      text,
      attempt,
      attempts: this.#retries.attempts,
      retryAtMs,
    } as const;
    // Those who were there stay in sight; nobody is heard.
    const participants = this.#state.participants.map((one) => ({ ...one, speaking: false }));
    this.#update({ phase, participants, media: 'connecting' });
  }

  #finish(how: Ending, text: string, mayRejoin: boolean): void {
    if (this.#state.phase.kind === 'over') return;
    this.#disconnect();
    clearTimeout(this.#retryTimer);
    const phase: CallPhase = { kind: 'over', how, text, mayRejoin };
    this.#update({ phase, participants: [], remoteStream: undefined });
  }

  #disconnect(): void {
    clearTimeout(this.#serverTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    this.#peer?.close();
    this.#peer = undefined;
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(writeClientMessage(message));
  }

  #update(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.onState(this.#state);
  }
}
