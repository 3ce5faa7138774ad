import type { MediaState } from './callState.ts';
import { limitEncodings } from './encodings.ts';

/** What we send, by the section that carries it. */
export type SentMedia = 'microphone' | 'camera' | 'screen';
export type LocalTracks = Readonly<Record<SentMedia, MediaStreamTrack | undefined>>;

/** What we are sent, by the section that carries it. */
export type ReceivedMedia = 'sound' | 'picture' | 'screen' | 'alternate';

export interface MediaPeerOptions {
  readonly createConnection: () => RTCPeerConnection;
  readonly onMedia: (state: MediaState | 'failed') => void;
  readonly onStream: (media: ReceivedMedia, stream: MediaStream) => void;
}

const mediaStates = {
  new: 'connecting',
  connecting: 'connecting',
  connected: 'connected',
  disconnected: 'interrupted',
  failed: 'failed',
  closed: 'interrupted',
} as const satisfies Record<RTCPeerConnectionState, MediaState | 'failed'>;

/** The sections of an offer, by mid. An audio-only offer has the first alone. */
const sections = {
  '0': { sent: 'microphone', received: 'sound' },
  '1': { sent: 'camera', received: 'picture' },
  '2': { sent: 'screen', received: 'screen' },
  '3': { sent: undefined, received: 'alternate' },
} as const satisfies Record<string, { sent: SentMedia | undefined; received: ReceivedMedia }>;

function sectionOf(transceiver: RTCRtpTransceiver): (typeof sections)[keyof typeof sections] | undefined {
  return Object.entries(sections).find(([mid]) => mid === transceiver.mid)?.[1];
}

/** The media of one offer: a peer connection that answers once. Another offer needs another MediaPeer. */
export class MediaPeer {
  readonly #connection: RTCPeerConnection;
  #sending: ReadonlyMap<SentMedia, RTCRtpTransceiver> = new Map();
  #closed = false;

  constructor(options: MediaPeerOptions) {
    this.#connection = options.createConnection();
    this.#connection.onconnectionstatechange = () => {
      if (!this.#closed) options.onMedia(mediaStates[this.#connection.connectionState]);
    };
    this.#connection.ontrack = ({ track, transceiver }) => {
      const section = sectionOf(transceiver);
      // The server may put all of its tracks into one stream; each is shown in a place of its own.
      if (section !== undefined) options.onStream(section.received, new MediaStream([track]));
    };
  }

  /** Our answer; without a microphone we only listen. The server's address is in its offer, so there is nothing to gather. */
  async answer(offerSdp: string, tracks: LocalTracks): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: offerSdp });
    const sending = new Map<SentMedia, RTCRtpTransceiver>();
    for (const transceiver of this.#connection.getTransceivers()) {
      const section = sectionOf(transceiver);
      if (section?.sent === undefined) continue;
      const track = tracks[section.sent];
      // Video sections are ready to send before there is a camera; who may not talk costs the server nothing.
      const listensOnly = section.sent === 'microphone' && track === undefined;
      transceiver.direction = listensOnly ? 'recvonly' : 'sendrecv';
      await transceiver.sender.replaceTrack(track ?? null);
      sending.set(section.sent, transceiver);
    }
    if (!sending.has('microphone')) throw new Error('the offer has no audio');
    this.#sending = sending;
    const answer = await this.#connection.createAnswer();
    await this.#connection.setLocalDescription(answer);
    await Promise.all([...sending].map(([media, { sender }]) => limitEncodings(sender, media)));
    return this.#connection.localDescription?.sdp ?? answer.sdp ?? '';
  }

  /** Whether the offer had a picture. */
  get hasVideo(): boolean {
    return this.#sending.has('camera');
  }

  /** False when this connection cannot carry the track though its offer has a place for it: it takes a new offer. */
  async setTrack(media: SentMedia, track: MediaStreamTrack | undefined): Promise<boolean> {
    const transceiver = this.#sending.get(media);
    if (this.#closed || transceiver === undefined) return true;
    if (track !== undefined && transceiver.direction === 'recvonly') return false;
    try {
      await transceiver.sender.replaceTrack(track ?? null);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'InvalidModificationError') throw error;
      return false;
    }
    // Another camera may have another size.
    if (track !== undefined) await limitEncodings(transceiver.sender, media);
    return true;
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    this.#closed = true;
    this.#connection.onconnectionstatechange = null;
    this.#connection.ontrack = null;
    this.#connection.close();
  }
}
