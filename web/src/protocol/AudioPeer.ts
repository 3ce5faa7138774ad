import type { MediaState } from './callState.ts';

export interface AudioPeerOptions {
  readonly createConnection: () => RTCPeerConnection;
  readonly onMedia: (state: MediaState | 'failed') => void;
  readonly onStream: (stream: MediaStream) => void;
}

const mediaStates = {
  new: 'connecting',
  connecting: 'connecting',
  connected: 'connected',
  disconnected: 'interrupted',
  failed: 'failed',
  closed: 'interrupted',
} as const satisfies Record<RTCPeerConnectionState, MediaState | 'failed'>;

/** The audio of one offer: a peer connection that answers once. Another offer needs another AudioPeer. */
export class AudioPeer {
  readonly #connection: RTCPeerConnection;
  #transceiver: RTCRtpTransceiver | undefined;
  #closed = false;

  constructor(options: AudioPeerOptions) {
    this.#connection = options.createConnection();
    this.#connection.onconnectionstatechange = () => {
      if (!this.#closed) options.onMedia(mediaStates[this.#connection.connectionState]);
    };
    this.#connection.ontrack = ({ track, streams }) => {
      options.onStream(streams[0] ?? new MediaStream([track]));
    };
  }

  /** Our answer; without a track we only listen. The server's address is in its offer, so there is nothing to gather. */
  async answer(offerSdp: string, track: MediaStreamTrack | undefined): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: offerSdp });
    const transceiver = this.#connection
      .getTransceivers()
      .find(({ receiver }) => receiver.track.kind === 'audio');
    if (transceiver === undefined) throw new Error('the offer has no audio');
    transceiver.direction = track === undefined ? 'recvonly' : 'sendrecv';
    await transceiver.sender.replaceTrack(track ?? null);
    this.#transceiver = transceiver;
    const answer = await this.#connection.createAnswer();
    await this.#connection.setLocalDescription(answer);
    return this.#connection.localDescription?.sdp ?? answer.sdp ?? '';
  }

  /** False when this connection was made to listen only and cannot carry the track: it takes a new offer. */
  async setTrack(track: MediaStreamTrack | undefined): Promise<boolean> {
    const transceiver = this.#transceiver;
    if (this.#closed || transceiver === undefined) return true;
    if (track !== undefined && transceiver.direction === 'recvonly') return false;
    await transceiver.sender.replaceTrack(track ?? null);
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#connection.onconnectionstatechange = null;
    this.#connection.ontrack = null;
    this.#connection.close();
  }
}
