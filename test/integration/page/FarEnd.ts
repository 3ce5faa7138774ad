import type { BrowserContext, Page } from 'playwright-core';

declare global {
  interface Window {
    /** Connections of the far end, by offer. */
    farEnds?: Map<number, RTCPeerConnection>;
  }
}

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

  /** SDP of a new offer with its candidates. */
  offer(offerId: number): Promise<string> {
    return this.#page.evaluate(async (id) => {
      const connection = new RTCPeerConnection();
      window.farEnds ??= new Map();
      window.farEnds.set(id, connection);
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) connection.addTrack(track, stream);
      await connection.setLocalDescription(await connection.createOffer());
      while (connection.iceGatheringState !== 'complete')
        await new Promise((resolve) => {
          connection.onicegatheringstatechange = resolve;
        });
      return connection.localDescription?.sdp ?? '';
    }, offerId);
  }

  async accept(offerId: number, sdp: string): Promise<void> {
    await this.#page.evaluate(
      async ([id, answer]) => {
        await window.farEnds?.get(id)?.setRemoteDescription({ type: 'answer', sdp: answer });
      },
      [offerId, sdp] as const,
    );
  }

  /** RTP packets of the page that have arrived on this offer's connection. */
  packetsReceived(offerId: number): Promise<number> {
    return this.#page.evaluate(async (id) => {
      const report = await window.farEnds?.get(id)?.getStats();
      let packets = 0;
      report?.forEach((stats: { type: string; packetsReceived?: number }) => {
        if (stats.type === 'inbound-rtp') packets += stats.packetsReceived ?? 0;
      });
      return packets;
    }, offerId);
  }
}
