/** What a page shows of what it receives; the mids are those of the browser's protocol. */
export type PagePicture = 'mixed' | 'screen' | 'alternate';

/** Some of RTCInboundRtpStreamStats; `codec` is its MIME type. */
export interface PictureCounts {
  readonly framesDecoded: number;
  readonly freezeCount: number;
  readonly frameWidth: number;
  readonly frameHeight: number;
  readonly codec: string;
  readonly bytesReceived: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
}

interface PageVideo {
  /** The newest connection. */
  peer: RTCPeerConnection | undefined;
  track(which: PagePicture): MediaStreamTrack | undefined;
  /** PNG of what the track shows now, base64; undefined before its first frame. */
  picture(which: PagePicture): string | undefined;
  counts(which: PagePicture): Promise<PictureCounts | undefined>;
  /** When the first frame of the mixed picture was decoded, wall clock. */
  firstSeenAtMs: number | undefined;
}

declare global {
  interface Window {
    zonebridgeVideo: PageVideo;
  }
}

// Runs in the page before its own scripts, and is sent there as text: it must stand alone.

/** Keeps the page's connection, so that a test can look at what arrives, whatever the page does with it. */
export function watchPictures(): void {
  const mids = { mixed: '1', screen: '2', alternate: '3' } as const;
  const players = new Map<MediaStreamTrack, HTMLVideoElement>();
  const Native = window.RTCPeerConnection;
  const transceiver = (which: PagePicture) =>
    window.zonebridgeVideo.peer?.getTransceivers().find(({ mid }) => mid === mids[which]);
  const player = (track: MediaStreamTrack): HTMLVideoElement => {
    let element = players.get(track);
    if (element === undefined) {
      element = document.createElement('video');
      element.muted = true;
      element.srcObject = new MediaStream([track]);
      players.set(track, element);
      void element.play();
    }
    return element;
  };
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.zonebridgeVideo.peer = this;
    }
  };
  window.zonebridgeVideo = {
    peer: undefined,
    firstSeenAtMs: undefined,
    track: (which) => transceiver(which)?.receiver.track,
    picture(which) {
      const track = window.zonebridgeVideo.track(which);
      const element = track && player(track);
      if (element === undefined || element.videoWidth === 0) return undefined;
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: element.videoWidth, height: element.videoHeight });
      canvas.getContext('2d', { alpha: false })?.drawImage(element, 0, 0);
      return canvas.toDataURL('image/png').split(',')[1];
    },
    async counts(which) {
      const found = transceiver(which);
      const report = await found?.receiver.getStats();
      const entries = [...(report?.values() ?? [])] as Record<string, string | number>[];
      const inbound = entries.find(({ type }) => type === 'inbound-rtp');
      const codec = entries.find(({ id }) => id === inbound?.codecId);
      if (inbound === undefined) return undefined;
      return { ...inbound, codec: codec?.mimeType } as unknown as PictureCounts;
    },
  };
  const timer = setInterval(() => {
    void window.zonebridgeVideo.counts('mixed').then((counts) => {
      if ((counts?.framesDecoded ?? 0) === 0) return;
      window.zonebridgeVideo.firstSeenAtMs ??= Date.now();
      clearInterval(timer);
    });
  }, 20);
}
