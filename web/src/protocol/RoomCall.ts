import {
  initialCallState,
  noStreams,
  streamNames,
  unknownRoom,
  type CallPhase,
  type CallState,
  type Ending,
} from './callState.ts';
import { callTexts as texts } from './callTexts.ts';
import { MediaPeer, type LocalTracks, type SentMedia } from './MediaPeer.ts';
import { RetrySchedule } from './RetrySchedule.ts';
import { joinedState, pinPhase, roleState, roomNews, withNotice, withoutNotice } from './stateChanges.ts';
import { StatisticsReader, type Statistics } from './statistics.ts';
import {
  badMessageCode,
  readServerMessage,
  subprotocol,
  writeClientMessage,
  type ClientMessage,
  type GateMessage,
  type HostWish,
  type LayoutName,
  type ServerMessage,
} from './wire.ts';

/** How long the server has for its first word, and for the offer that we asked for. */
const serverDeadlineMs = 12_000;
/** Who waits in the lobby is told so every 20 s. */
const lobbyPatienceMs = 65_000;
const maxFailedOffers = 3;

export interface RoomCallOptions {
  readonly url: string;
  readonly name: string;
  readonly muted: boolean;
  /** Undefined to listen only. */
  readonly microphone: MediaStreamTrack | undefined;
  /** Undefined while it is off. */
  readonly camera: MediaStreamTrack | undefined;
  readonly onState: (state: CallState) => void;
  readonly createConnection?: () => RTCPeerConnection;
  readonly retryDelaysMs?: readonly number[];
}

const sentMedia: readonly SentMedia[] = ['microphone', 'camera', 'screen'];

/** One person's call in one room: keeps it up across lost connections until it is left, ended or hopeless. */
export class RoomCall {
  readonly #options: RoomCallOptions;
  readonly #retries: RetrySchedule;
  #state: CallState;
  #socket: WebSocket | undefined;
  #peer: MediaPeer | undefined;
  #tracks: LocalTracks;
  #statistics = new StatisticsReader();
  #failedOffers = 0;
  /** The PIN that was right, for the way back after a lost connection. */
  #code: string | undefined;
  #joinedAtMs: number | undefined;
  #everJoined = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #serverTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RoomCallOptions) {
    this.#options = options;
    this.#retries = new RetrySchedule(options.retryDelaysMs);
    const { muted, microphone, camera } = options;
    this.#tracks = { microphone, camera, screen: undefined };
    this.#state = { ...initialCallState, muted, camera: camera !== undefined };
    if (microphone !== undefined) microphone.enabled = !muted;
    this.#connect();
  }

  get state(): CallState {
    return this.#state;
  }

  setMuted(muted: boolean): void {
    this.#silence(muted);
    if (!muted) this.#update({ notices: withoutNotice(this.#state.notices, texts.mutedByHost) });
    this.#tell({ type: 'mute', muted });
  }

  /** Another microphone, or none. */
  async setMicrophone(track: MediaStreamTrack | undefined): Promise<void> {
    if (track !== undefined) track.enabled = !this.#state.muted;
    await this.#setTrack('microphone', track);
  }

  /** Another camera, or none: it is off. */
  async setCamera(track: MediaStreamTrack | undefined): Promise<void> {
    const on = track !== undefined;
    const changed = on !== this.#state.camera;
    this.#update({ camera: on });
    if (changed) this.#tell({ type: 'camera', on });
    await this.#setTrack('camera', track);
  }

  /** Takes the captured screen over: it ends with the sharing. */
  async startSharing(track: MediaStreamTrack): Promise<void> {
    const before = this.#tracks.screen;
    // The browser has a button of its own to stop it.
    track.addEventListener('ended', () => {
      if (this.#tracks.screen === track) this.stopSharing();
    });
    this.#update({ sharing: true });
    await this.#setTrack('screen', track);
    before?.stop();
    // It may have ended meanwhile.
    if (this.#tracks.screen === track) this.#tell({ type: 'share', on: true });
  }

  stopSharing(): void {
    if (this.#endSharing()) this.#tell({ type: 'share', on: false });
  }

  /** Of a host; from anybody else the server ignores these three. */
  setLayout(layout: LayoutName): void {
    this.#tell({ type: 'layout', layout });
  }

  /** Shows one person large and alone; undefined for nobody. */
  setSpotlight(participantId: string | undefined): void {
    this.#tell({ type: 'spotlight', participantId: participantId ?? null });
  }

  setPinned(participantId: string, pinned: boolean): void {
    this.#tell({ type: 'pin', participantId, pinned });
  }

  direct(wish: HostWish): void {
    this.#tell(wish);
  }

  /** The PIN that the room asks for; empty to come as a guest where that may be. */
  enterCode(code: string): void {
    const { phase } = this.#state;
    if (phase.kind !== 'pin') return;
    this.#update({ phase: { ...phase, checking: true } });
    this.#sendCode(code);
  }

  dismissNotice(noticeId: number): void {
    this.#update({ notices: this.#state.notices.filter(({ id }) => id !== noticeId) });
  }

  /** Rates since the last reading; undefined while there is no connection. */
  async statistics(): Promise<Statistics | undefined> {
    const reader = this.#statistics;
    const report = await this.#peer?.getStats();
    return report === undefined ? undefined : reader.read(report);
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
      const { muted, camera } = this.#state;
      this.#send({ type: 'join', name: this.#options.name, muted, camera });
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
      case 'gate':
        this.#stopAtGate(message);
        break;
      case 'joined':
        this.#joined(message);
        break;
      case 'waiting':
      case 'room':
      case 'roster':
      case 'stage':
        this.#update(roomNews(message));
        break;
      case 'role':
        this.#roleChanged(message.host);
        break;
      case 'muted':
        this.#mutedByHost();
        break;
      case 'notice':
        this.#note(message.text);
        break;
      case 'stop-sharing':
        this.#endSharing();
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

  #stopAtGate(message: GateMessage): void {
    if (message.gate === 'login') {
      this.#disconnect();
      return this.#update({ phase: { kind: 'login', path: message.path } });
    }
    if (message.gate === 'lobby') {
      this.#awaitServer(lobbyPatienceMs);
      return this.#update({ phase: { kind: 'lobby', until: message.until } });
    }
    if (message.wrong) this.#code = undefined;
    // Who was in already need not type it again.
    if (this.#code !== undefined && message.mayRetryInMs === 0) return this.#sendCode(this.#code);
    this.#update({ phase: pinPhase(message) });
  }

  #sendCode(code: string): void {
    this.#code = code;
    this.#send({ type: 'code', code });
    this.#awaitServer();
  }

  #roleChanged(host: boolean): void {
    if (host === this.#state.host) return;
    this.#update(roleState(this.#state.notices, host));
  }

  /** The server has done it already. */
  #mutedByHost(): void {
    if (this.#state.muted) return;
    this.#silence(true);
    this.#note(texts.mutedByHost);
  }

  #silence(muted: boolean): void {
    this.#update({ muted });
    if (this.#tracks.microphone !== undefined) this.#tracks.microphone.enabled = !muted;
  }

  #note(text: string): void {
    this.#update({ notices: withNotice(this.#state.notices, text) });
  }

  #joined(message: Extract<ServerMessage, { type: 'joined' }>): void {
    this.#everJoined = true;
    this.#joinedAtMs = Date.now();
    this.#update(joinedState(message));
    // Pressed while the answer was under way.
    this.#send({ type: 'mute', muted: this.#state.muted });
    if (!this.#state.video) return;
    this.#send({ type: 'camera', on: this.#state.camera });
    if (this.#state.sharing) this.#send({ type: 'share', on: true });
  }

  /** Each offer gets a connection of its own; the devices go on to it. */
  async #answer(offerId: number, sdp: string): Promise<void> {
    this.#peer?.close();
    const peer = new MediaPeer({
      createConnection: this.#options.createConnection ?? (() => new RTCPeerConnection()),
      onStream: (media, stream) => this.#update({ [streamNames[media]]: stream }),
      onMedia: (media) => {
        if (media === 'connected') this.#failedOffers = 0;
        this.#update({ media: media === 'failed' ? 'interrupted' : media });
        if (media === 'failed') this.#askForOffer();
      },
    });
    this.#peer = peer;
    this.#statistics = new StatisticsReader();
    this.#update({ media: 'connecting' });
    const tracks = this.#tracks;
    try {
      const answer = await peer.answer(sdp, tracks);
      if (this.#peer !== peer) return;
      this.#update({ video: peer.hasVideo });
      this.#send({ type: 'answer', offerId, sdp: answer });
      if (!peer.hasVideo) this.stopSharing();
      for (const media of sentMedia)
        if (this.#tracks[media] !== tracks[media]) await this.#setTrack(media, this.#tracks[media]);
    } catch (error) {
      if (this.#peer === peer) this.#offerFailed(error);
    }
  }

  async #setTrack(media: SentMedia, track: MediaStreamTrack | undefined): Promise<void> {
    this.#tracks = { ...this.#tracks, [media]: track };
    const peer = this.#peer;
    const carried = (await peer?.setTrack(media, track)) ?? true;
    if (!carried && this.#peer === peer) this.#askForOffer();
  }

  /** False when there was nothing to end. */
  #endSharing(): boolean {
    const { screen } = this.#tracks;
    if (screen === undefined) return false;
    screen.stop();
    this.#update({ sharing: false });
    void this.#setTrack('screen', undefined);
    return true;
  }

  #offerFailed(error: unknown): void {
    console.error('the offer could not be answered', error);
    this.#failedOffers++;
    if (this.#failedOffers < maxFailedOffers) this.#askForOffer();
    else this.#finish('ended', texts.noMedia, true);
  }

  #askForOffer(): void {
    this.#send({ type: 'reoffer' });
    this.#awaitServer();
  }

  /** A network that is gone says nothing: a silent server is taken for lost. */
  #awaitServer(deadlineMs = serverDeadlineMs): void {
    clearTimeout(this.#serverTimer);
    this.#serverTimer = setTimeout(() => this.#lose(texts.lost), deadlineMs);
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
    this.#endSharing();
    clearTimeout(this.#retryTimer);
    const phase: CallPhase = { kind: 'over', how, text, mayRejoin };
    this.#update({ phase, ...unknownRoom, ...noStreams });
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

  /** What the server must know of now; when we are away, it is told on the way back. */
  #tell(message: ClientMessage): void {
    if (this.#state.phase.kind === 'joined') this.#send(message);
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(writeClientMessage(message));
  }

  #update(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.onState(this.#state);
  }
}
