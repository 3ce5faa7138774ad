import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Recording } from '#test/support/Chromium.ts';
import { levels, toneLevelDb } from '#test/support/hearing.ts';
import { Stage } from '#test/support/Stage.ts';
import { lastSeconds, readWav } from '#test/support/wav.ts';

const listenMs = 6_000;

/** The own tone must stand at least 30 dB under every other one. */
function expectToHear(recording: Recording, who: string, own: number, others: readonly number[]): void {
  const heard = levels(recording, [own, ...others]);
  const ownDb = toneLevelDb(recording, own);
  for (const other of others) {
    const otherDb = toneLevelDb(recording, other);
    expect(otherDb, `${who} hears ${other} Hz in ${JSON.stringify(heard)}`).toBeGreaterThan(-35);
    expect(otherDb - ownDb, `${who} does not hear himself in ${JSON.stringify(heard)}`).toBeGreaterThan(30);
  }
}

test('a phone over TLS and SRTP and a browser hear each other and not themselves', async () => {
  await using stage = await Stage.start();
  const phone = await stage.phone({ toneHz: 440 });
  const browser = await stage.browser('Alice', 1010);
  await sleep(listenMs);
  expectToHear(await browser.heard(3), 'the browser', 1010, [440]);
  const recording = await phone.recording();
  await phone.stop();
  expectToHear(lastSeconds(await readWav(recording), 3), 'the phone', 440, [1010]);
});

test('five parties with Opus, G.722 and PCMA, by phone and browser, all hear the four others and not themselves', async () => {
  await using stage = await Stage.start();
  const phones = [
    { tone: 440, phone: await stage.phone({ toneHz: 440, codec: 'opus' }) },
    { tone: 620, phone: await stage.phone({ toneHz: 620, codec: 'G722', name: 'Bob' }) },
    { tone: 1010, phone: await stage.phone({ toneHz: 1010, codec: 'PCMA', name: 'Carol' }) },
  ];
  const browsers = [
    { tone: 1370, page: await stage.browser('Alice', 1370) },
    { tone: 1730, page: await stage.browser('Dave', 1730) },
  ];
  const tones = [...phones, ...browsers].map(({ tone }) => tone);
  await sleep(listenMs);
  for (const { page, tone } of browsers) {
    expectToHear(
      await page.heard(3),
      `the browser of ${tone} Hz`,
      tone,
      tones.filter((other) => other !== tone),
    );
  }
  const recordings = await Promise.all(phones.map(({ phone }) => phone.recording()));
  await Promise.all(phones.map(({ phone }) => phone.stop()));
  for (const [index, { tone }] of phones.entries()) {
    const recording = lastSeconds(await readWav(recordings[index] ?? ''), 3);
    expectToHear(
      recording,
      `the phone of ${tone} Hz`,
      tone,
      tones.filter((other) => other !== tone),
    );
  }
});
