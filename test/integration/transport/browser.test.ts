import { chromium, type Browser } from 'playwright-core';
import { expect, test } from 'vitest';
import type { SessionDescription } from '#kernel/index.ts';
import { legOptions, openMediaZone } from '#test/support/mediaZone.ts';
import { offerSdp, readAnswer } from '#test/support/minimalSdp.ts';
import { waitFor } from '#test/support/waitFor.ts';

test('Chromium connects to our offer, is heard by the mixer and hears it', async () => {
  await using zone = await openMediaZone();
  await using browser = await launch();
  const page = await browser.newPage();
  const leg = await zone.media.conference('room').offer('browser', legOptions('browser'));
  const answer = await page.evaluate(answerOffer, offerSdp(leg.local.audio));
  await leg.accept({ audio: readAnswer(answer) });

  const heard = await waitFor('the browser is heard', () => zone.mixer.takeFrom('browser')[0]);
  expect(heard.payloadType).toBe(leg.local.audio.codecs[0]?.payloadType);
  expect(zone.mixer.legs.get('browser')?.inbound?.audioLevelId).toBe(
    leg.local.audio.headerExtensions.audioLevel,
  );
  await waitFor('the browser receives', async () => {
    zone.mixer.say('browser', Buffer.from([0xf8, 0xff, 0xfe])); // one Opus frame of silence
    return (await page.evaluate(packetsReceived)) > 3;
  });
  await leg.setMuted(true);
  await waitFor('nothing of a muted browser arrives', async () => {
    zone.mixer.takeFrom('browser');
    await page.waitForTimeout(200);
    return zone.mixer.takeFrom('browser').length === 0;
  });
  await leg.setMuted(false);
  await waitFor('it is heard again', () => zone.mixer.takeFrom('browser').length > 0);
});

test('Chromium connects anew to the offer that follows the death of the worker', async () => {
  await using zone = await openMediaZone();
  await using browser = await launch();
  const page = await browser.newPage();
  const conference = zone.media.conference('room');
  const leg = await conference.offer('browser', legOptions('browser'));
  const connect = async ({ audio }: SessionDescription): Promise<void> =>
    leg.accept({ audio: readAnswer(await page.evaluate(answerOffer, offerSdp(audio))) });
  await connect(leg.local);
  await waitFor('the browser is heard', () => zone.mixer.takeFrom('browser').length > 0);

  const lost = new Promise<string>((resolve) => conference.on('reoffer', resolve));
  process.kill(zone.media.workerPid ?? 0, 'SIGKILL');
  expect(await lost).toBe('browser');
  zone.mixer.takeFrom('browser');
  await connect(await leg.reoffer());
  await waitFor('the browser is heard again', () => zone.mixer.takeFrom('browser').length > 0);
});

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--allow-loopback-in-peer-connection',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

/** In the page: answers with a tone on a fresh connection. */
async function answerOffer(sdp: string): Promise<string> {
  const global = globalThis as unknown as { connection?: RTCPeerConnection };
  global.connection?.close();
  const connection = new RTCPeerConnection();
  global.connection = connection;
  const audio = new AudioContext();
  const out = audio.createMediaStreamDestination();
  const tone = audio.createOscillator();
  tone.connect(out);
  tone.start();
  for (const track of out.stream.getTracks()) connection.addTrack(track, out.stream);
  await connection.setRemoteDescription({ type: 'offer', sdp });
  await connection.setLocalDescription(await connection.createAnswer());
  return connection.localDescription?.sdp ?? '';
}

/** In the page. */
async function packetsReceived(): Promise<number> {
  const { connection } = globalThis as unknown as { connection: RTCPeerConnection };
  let packets = 0;
  for (const report of (await connection.getStats()).values()) {
    const { type, packetsReceived: count } = report as { type: string; packetsReceived?: number };
    if (type === 'inbound-rtp') packets += count ?? 0;
  }
  return packets;
}
