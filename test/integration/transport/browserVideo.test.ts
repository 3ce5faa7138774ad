import { chromium, type Browser } from 'playwright-core';
import { expect, test } from 'vitest';
import type { MediaLeg } from '#media/index.ts';
import { readSession, descriptionOf, writeOffer } from '#signaling/sdp/index.ts';
import { legOptions, openMediaZone } from '#test/support/mediaZone.ts';
import { waitFor } from '#test/support/waitFor.ts';

const video = {
  codecs: ['VP8', 'H264'],
  frameRate: 30,
  maxBitrate: 1_500_000,
  encodeBudget: 2,
  maxLoadPercent: 70,
} as const;
/** A VP8 key frame as far as the worker looks (RFC 7741 §4.3). */
const keyFrame = Buffer.from('1010009d012a40016801', 'hex');

test('Chromium sends its camera in three sizes, of which the one arrives that is wanted', async () => {
  await using zone = await openMediaZone({ video });
  await using browser = await launch();
  const page = await browser.newPage();
  const leg = await zone.media
    .conference('room')
    .offer('browser', legOptions('browser', { allowVideo: true }));
  await connect(leg, (sdp) => page.evaluate(answerWithCamera, sdp));

  await waitFor('its camera is known', () => zone.mixer.videoLegs.get('browser')?.camera !== undefined);
  const sizes: number[] = [];
  for (const height of [180, 360, 720]) {
    zone.mixer.tell('wanted', 'browser', 'camera', height);
    sizes.push(
      await waitFor(
        `a picture for ${height} lines`,
        async () => {
          const payloads = zone.mixer.takeFrom('browser').map(({ payload }) => payload);
          await page.waitForTimeout(50);
          return payloads.map(vp8KeyFrameHeight).find((found) => found === height);
        },
        45_000,
      ),
    );
  }
  expect(sizes).toEqual([180, 360, 720]);
}, 120_000);

test('Chromium gets the shared picture, and the alternate one and the screen when it is to', async () => {
  await using zone = await openMediaZone({ video });
  await using browser = await launch();
  const page = await browser.newPage();
  const conference = zone.media.conference('room');
  const leg = await conference.offer('browser', legOptions('browser', { allowVideo: true }));
  await connect(leg, (sdp) => page.evaluate(answerWithCamera, sdp));
  const arrives = (mid: string, picture: string): Promise<unknown> =>
    waitFor(`packets of section ${mid}`, async () => {
      for (const { picture: shown, encodings } of zone.mixer.ladders.values()) {
        if (shown === picture) for (const encoding of encodings) zone.mixer.show(encoding, keyFrame);
      }
      return ((await page.evaluate(packetsByMid))[mid] ?? 0) > 0;
    });
  await arrives('1', 'shared');
  expect((await page.evaluate(packetsByMid))['3']).toBe(0);
  const [conferenceId = ''] = zone.mixer.pictures.keys();
  zone.mixer.tell('stage', conferenceId, {
    layout: 'auto',
    tiles: [],
    alternateFor: 'browser',
    sharer: 'other',
  });
  await arrives('3', 'alternate');
  await arrives('2', 'screen');
});

test('Chromium gets no picture of the room before it is let in, and none after it was put out', async () => {
  await using zone = await openMediaZone({ video });
  await using browser = await launch();
  const page = await browser.newPage();
  const conference = zone.media.conference('room');
  const options = legOptions('browser', { allowVideo: true, held: { lines: ['Please wait'] } });
  const leg = await conference.offer('browser', options);
  await connect(leg, (sdp) => page.evaluate(answerWithCamera, sdp));
  const showAll = (): void => {
    for (const { encodings } of zone.mixer.ladders.values())
      for (const encoding of encodings) zone.mixer.show(encoding, keyFrame);
  };
  const packets = async (): Promise<number> => {
    const byMid = await page.evaluate(packetsByMid);
    return (byMid['1'] ?? 0) + (byMid['2'] ?? 0) + (byMid['3'] ?? 0);
  };
  /** What comes in a second in which all pictures are sent; what was on its way before does not count. */
  const arriving = async (): Promise<number> => {
    await page.waitForTimeout(200);
    const before = await packets();
    for (let time = 0; time < 20; time += 1) {
      showAll();
      await page.waitForTimeout(50);
    }
    return (await packets()) - before;
  };
  await waitFor('its camera is known', () => zone.mixer.videoLegs.get('browser')?.camera !== undefined);
  const [conferenceId = ''] = zone.mixer.pictures.keys();
  zone.mixer.tell('stage', conferenceId, { layout: 'auto', tiles: [], sharer: 'other' });
  expect(await arriving()).toBe(0);
  await leg.hold(undefined);
  await expect.poll(arriving, { timeout: 10_000 }).toBeGreaterThan(0);
  await leg.hold({ lines: ['You were put out'] });
  expect(await arriving()).toBe(0);
});

async function connect(leg: MediaLeg, answer: (sdp: string) => Promise<string>): Promise<void> {
  const offer = writeOffer(leg.local, { sessionId: '1', sessionVersion: 1 }, 'browser');
  const description = descriptionOf(readSession(await answer(offer), 'answer', 'browser'));
  if (description === undefined) throw new Error('no audio in the answer');
  await leg.accept(description);
}

/** RFC 6386 §9.1, behind a descriptor of RFC 7741 §4.2; undefined for any other packet. */
function vp8KeyFrameHeight(payload: Buffer): number | undefined {
  const first = payload[0] ?? 0;
  if ((first & 0x10) === 0 || (first & 0x07) !== 0) return undefined;
  let at = 1;
  if ((first & 0x80) !== 0) {
    const extended = payload[at++] ?? 0;
    if ((extended & 0x80) !== 0) at += ((payload[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((extended & 0x40) !== 0) at += 1;
    if ((extended & 0x30) !== 0) at += 1;
  }
  if (payload.length < at + 10 || ((payload[at] ?? 1) & 1) !== 0) return undefined;
  return payload.readUInt16LE(at + 8) & 0x3fff;
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--allow-loopback-in-peer-connection'],
  });
}

/** In the page: answers with a moving picture of 1280x720 in the camera's section. */
async function answerWithCamera(sdp: string): Promise<string> {
  const global = globalThis as unknown as { connection?: RTCPeerConnection };
  const connection = new RTCPeerConnection();
  global.connection = connection;
  const canvas = document.createElement('canvas');
  canvas.width = 1280;
  canvas.height = 720;
  const context = canvas.getContext('2d');
  setInterval(() => {
    if (context === null) return;
    // Chromium begins its larger sizes once it has sent enough to know that there is room for them: plain colours are too little.
    for (let patch = 0; patch < 60; patch += 1) {
      context.fillStyle = `hsl(${Math.random() * 360}, 80%, 50%)`;
      context.fillRect(Math.random() * 1280, Math.random() * 720, 60, 60);
    }
  }, 33);
  await connection.setRemoteDescription({ type: 'offer', sdp });
  for (const transceiver of connection.getTransceivers()) {
    if (transceiver.mid === '3') continue;
    transceiver.direction = 'sendrecv';
    if (transceiver.mid === '1') {
      const [track = null] = canvas.captureStream(30).getTracks();
      await transceiver.sender.replaceTrack(track);
      const parameters = transceiver.sender.getParameters();
      parameters.encodings.forEach((encoding, index) => {
        encoding.scaleResolutionDownBy = [4, 2, 1][index] ?? 1;
        encoding.maxBitrate = [120_000, 400_000, 1_200_000][index] ?? 1_200_000;
      });
      await transceiver.sender.setParameters(parameters);
    }
  }
  await connection.setLocalDescription(await connection.createAnswer());
  return connection.localDescription?.sdp ?? '';
}

/** In the page. */
async function packetsByMid(): Promise<Record<string, number>> {
  const { connection } = globalThis as unknown as { connection: RTCPeerConnection };
  const packets: Record<string, number> = {};
  for (const { mid, receiver } of connection.getTransceivers()) {
    packets[mid ?? ''] = 0;
    for (const report of (await receiver.getStats()).values()) {
      const { type, packetsReceived = 0 } = report as { type: string; packetsReceived?: number };
      if (type === 'inbound-rtp') packets[mid ?? ''] = packetsReceived;
    }
  }
  return packets;
}
