/** What a page's camera and screen show. */
export interface PageCamera {
  /** `#rrggbb` */
  readonly color: string;
  /** Written on its left, white. */
  readonly number: number;
  readonly width: number;
  readonly height: number;
  /** White for 200 ms at each even second; the microphone beeps at the same time. */
  readonly flashes: boolean;
  /** What is shared when the page asks for a screen: this colour with a patch of fine stripes. Absent: nothing can be shared. */
  readonly screenColor?: string;
}

interface PageDevices {
  microphone?: () => MediaStreamTrack;
  camera?: () => MediaStreamTrack;
  screen?: () => MediaStreamTrack;
}

declare global {
  interface Window {
    zonebridgeDevices?: PageDevices;
  }
}

// The functions run in the page before its own scripts, in any order, and are sent there as text: each must stand alone.

/** The microphone becomes an oscillator. */
export function sayTone({ toneHz, beeps }: { toneHz: number; beeps: boolean }): void {
  let context: AudioContext | undefined;
  (window.zonebridgeDevices ??= {}).microphone = () => {
    context ??= new AudioContext({ sampleRate: 48000 });
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const destination = context.createMediaStreamDestination();
    oscillator.frequency.value = toneHz;
    gain.gain.value = beeps ? 0 : 0.25;
    oscillator.connect(gain).connect(destination);
    oscillator.start();
    const beep = ({ currentTime }: AudioContext): void => {
      const start = currentTime + (2000 - (Date.now() % 2000)) / 1000;
      gain.gain.setValueAtTime(0.25, start).setValueAtTime(0, start + 0.2);
      setTimeout(beep, 2100 - (Date.now() % 2000), context);
    };
    if (beeps) beep(context);
    const [track] = destination.stream.getAudioTracks();
    if (track === undefined) throw new Error('no audio track was made');
    return track;
  };
}

/**
 * The camera becomes a canvas of one colour with a number on it, and a strip of 20 cells above with the wall clock, milliseconds
 * in Gray code; both are in the middle half, which remains when a tile cuts the sides off.
 */
export function showCamera(video: PageCamera): void {
  const devices = (window.zonebridgeDevices ??= {});
  type Paint = (context: CanvasRenderingContext2D, width: number, height: number) => void;
  const canvasTrack = (width: number, height: number, framesPerSecond: number, paint: Paint) => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    const [track] = canvas.captureStream(framesPerSecond).getVideoTracks();
    if (context === null || track === undefined) throw new Error('no canvas track was made');
    const timer = setInterval(() => {
      if (track.readyState === 'ended') clearInterval(timer);
      else paint(context, width, height);
    }, 1000 / framesPerSecond);
    paint(context, width, height);
    return track;
  };
  const paintCamera: Paint = (context, width, height) => {
    const nowMs = Date.now();
    context.fillStyle = video.flashes && nowMs % 2000 < 200 ? '#ffffff' : video.color;
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#ffffff';
    context.font = `bold ${Math.round(height * 0.4)}px sans-serif`;
    context.textAlign = 'center';
    context.fillText(String(video.number), width * 0.38, height * 0.6);
    const clock = Math.floor(nowMs) % 2 ** 20;
    const code = clock ^ (clock >>> 1);
    const cell = (width * 0.48) / 20;
    for (let bit = 0; bit < 20; bit += 1) {
      context.fillStyle = (code >>> bit) & 1 ? '#ffffff' : '#000000';
      context.fillRect(width * 0.26 + bit * cell, height * 0.04, cell, height * 0.08);
    }
  };
  const paintScreen: Paint = (context, width, height) => {
    context.fillStyle = video.screenColor ?? '#000000';
    context.fillRect(0, 0, width, height);
    for (let x = width * 0.4; x < width * 0.6; x += 4) {
      context.fillStyle = '#ffffff';
      context.fillRect(x, height * 0.4, 2, height * 0.2);
      context.fillStyle = '#000000';
      context.fillRect(x + 2, height * 0.4, 2, height * 0.2);
    }
    context.fillRect((Date.now() / 10) % (width - 16), height - 16, 16, 16);
  };
  devices.camera = () => canvasTrack(video.width, video.height, 30, paintCamera);
  if (video.screenColor !== undefined) devices.screen = () => canvasTrack(1280, 720, 10, paintScreen);
}

/** The page's calls for devices get those of the other two scripts; a kind that neither made is not there. */
export function replaceDevices(): void {
  const missing = (): never => {
    throw new DOMException('Requested device not found', 'NotFoundError');
  };
  const wants = (constraint: boolean | MediaTrackConstraints | undefined): boolean =>
    constraint !== undefined && constraint !== false;
  navigator.mediaDevices.getUserMedia = async (constraints = {}) => {
    await Promise.resolve();
    const { microphone = missing, camera = missing } = window.zonebridgeDevices ?? {};
    const tracks: MediaStreamTrack[] = [];
    if (wants(constraints.audio)) tracks.push(microphone());
    if (wants(constraints.video)) tracks.push(camera());
    return new MediaStream(tracks);
  };
  navigator.mediaDevices.getDisplayMedia = async () => {
    await Promise.resolve();
    const { screen = missing } = window.zonebridgeDevices ?? {};
    return new MediaStream([screen()]);
  };
}

/** Every description that the page is given names another UDP port, and no TCP. */
export function sendMediaTo(port: number): void {
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    override setRemoteDescription({ type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
      const lines = sdp
        .split('\r\n')
        .filter((line) => !/^a=candidate:\S+ \d+ tcp /i.test(line))
        .map((line) => line.replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+/i, `$1 ${port}`));
      return super.setRemoteDescription({ type, sdp: lines.join('\r\n') });
    }
  };
}
