import type { BrowserContext, Page } from 'playwright-core';

declare global {
  interface Window {
    /** Connections of the far end, by offer. */
    farEnds?: Map<number, RTCPeerConnection>;
    /** Colours that are sent now, by mid. */
    farEndColours?: Map<string, string>;
  }
}

/** What the far end sends in each section with video: one colour, by mid. */
export const sentColours = { '1': '#4060a0', '2': '#e0e0e0', '3': '#a040a0' } as const;

/** The media side of a zone: peer connections that offer, in a blank page of the same browser. */
export class FarEnd {
  readonly #page: Page;

  static async open(context: BrowserContext, url: string): Promise<FarEnd> {
    const page = await context.newPage();
    // Of the same origin and with the microphone: only then do its candidates carry addresses.
    await page.goto(`${url}/?far-end`);
    await page.evaluate(() => navigator.mediaDevices.getUserMedia({ audio: true }).then(() => undefined));
    return new FarEnd(page);
  }

  private constructor(page: Page) {
    this.#page = page;
  }

  /** SDP of a new offer of audio alone with its candidates. */
  offer(offerId: number): Promise<string> {
    return this.#page.evaluate(makeOffer, { id: offerId, colours: {} });
  }

  /** The same with the sections of a call with video. */
  offerVideo(offerId: number): Promise<string> {
    return this.#page.evaluate(makeOffer, { id: offerId, colours: sentColours });
  }

  /** Sends another colour in a section, or stops sending in it. */
  async send(mid: keyof typeof sentColours, colour: string | undefined): Promise<void> {
    await this.#page.evaluate(([section, value]) => window.farEndColours?.set(section, value), [
      mid,
      colour ?? '',
    ] as const);
  }

  async accept(offerId: number, sdp: string): Promise<void> {
    await this.#page.evaluate(
      async ([id, answer]) => {
        await window.farEnds?.get(id)?.setRemoteDescription({ type: 'answer', sdp: answer });
      },
      [offerId, sdp] as const,
    );
  }

  /** RTP packets of the page that have arrived in a section of this offer's connection. */
  packetsReceived(offerId: number, mid = '0'): Promise<number> {
    return this.#page.evaluate(
      async ([id, section]) => {
        const report = await window.farEnds?.get(id)?.getStats();
        let packets = 0;
        report?.forEach((stats: { type: string; mid?: string; packetsReceived?: number }) => {
          if (stats.type === 'inbound-rtp' && stats.mid === section) packets += stats.packetsReceived ?? 0;
        });
        return packets;
      },
      [offerId, mid] as const,
    );
  }
}

interface OfferOptions {
  readonly id: number;
  readonly colours: Partial<typeof sentColours>;
}

/** Runs in the far end's page, and is sent there as text. */
async function makeOffer({ id, colours }: OfferOptions): Promise<string> {
  const connection = new RTCPeerConnection();
  window.farEnds ??= new Map();
  window.farEnds.set(id, connection);
  window.farEndColours = new Map(Object.entries(colours));
  const voice = await navigator.mediaDevices.getUserMedia({ audio: true });
  for (const track of voice.getTracks()) connection.addTrack(track, voice);
  for (const [mid, first] of Object.entries(colours)) {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    document.body.append(canvas);
    const context = canvas.getContext('2d');
    const stream = canvas.captureStream(0);
    const [track] = stream.getVideoTracks() as CanvasCaptureMediaStreamTrack[];
    if (track === undefined || context === null) throw new Error('the canvas has no picture');
    let frames = 0;
    setInterval(() => {
      const colour = window.farEndColours?.get(mid) ?? first;
      if (colour === '') return;
      context.fillStyle = colour;
      context.fillRect(0, 0, 640, 360);
      // Something that moves, or no frame is sent.
      context.fillStyle = '#000000';
      context.fillRect((frames++ * 8) % 640, 352, 8, 8);
      track.requestFrame();
    }, 100);
    connection.addTransceiver(track, {
      direction: mid === '3' ? 'sendonly' : 'sendrecv',
      streams: [stream],
    });
  }
  await connection.setLocalDescription(await connection.createOffer());
  while (connection.iceGatheringState !== 'complete')
    await new Promise((resolve) => {
      connection.onicegatheringstatechange = resolve;
    });
  return connection.localDescription?.sdp ?? '';
}
