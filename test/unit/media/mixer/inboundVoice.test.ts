import { expect, test } from 'vitest';
import { audioCodecNames } from '#kernel/index.ts';
import { codecTimings } from '#media/mixer/audio/codecs.ts';
import { tonePresence } from '#test/support/tones.ts';
import { badNetwork, between, play, toneStream, type Travelling } from './voiceNetwork.ts';

const present = -25;

test.each([...audioCodecNames])('a perfect %s stream is played whole after the initial delay', (codec) => {
  const played = play(toneStream({ codec, durationMs: 3000 }), 3000, codec);
  const { sampleRateHz } = codecTimings[codec];
  expect(tonePresence(between(played, 100, 2980), sampleRateHz, 440, present)).toBe(1);
  expect(played.voice.concealed).toBe(0);
  expect(played.voice.late).toBe(0);
  expect(played.voice.delayMs).toBe(20);
});

test.each([10, 20, 30, 40, 60])('packets of %d ms are played in ticks of 20 ms', (packetMs) => {
  for (const codec of audioCodecNames) {
    // Opus has no packet of 30 ms, G.722's encoder takes 20 ms at a time.
    if ((codec === 'opus' && packetMs === 30) || (codec === 'G722' && packetMs % 20 !== 0)) continue;
    const played = play(toneStream({ codec, durationMs: 3000, packetMs }), 3000, codec);
    const { sampleRateHz } = codecTimings[codec];
    expect(tonePresence(between(played, 200, 2900), sampleRateHz, 440, present)).toBe(1);
    expect(played.voice.concealed).toBe(0);
  }
});

test.each([...audioCodecNames])(
  '10 % loss and 40 ms jitter of %s: tone present over 95 % of frames',
  (codec) => {
    const packets = badNetwork(toneStream({ codec, durationMs: 30_000 }), { loss: 0.1, jitterMs: 40 });
    const played = play(packets, 30_000, codec);
    const { sampleRateHz } = codecTimings[codec];
    expect(tonePresence(between(played, 500, 30_000), sampleRateHz, 440, present)).toBeGreaterThan(0.95);
    // What was not lost came in time.
    expect(played.voice.late).toBeLessThan(30);
    expect(played.voice.delayMs).toBeLessThanOrEqual(90);
  },
);

test('lost frames come back from the forward error correction of the packets after them', () => {
  const packets = badNetwork(toneStream({ durationMs: 20_000, fec: true }), { loss: 0.1 });
  const { voice } = play(packets, 20_000);
  expect(voice.recoveredByFec).toBeGreaterThan(60);
  expect(voice.recoveredByFec).toBeGreaterThan(voice.concealed);
});

test('the delay follows the jitter up and down', () => {
  const calm = toneStream({ durationMs: 60_000 });
  const packets = calm.map((packet, index) => {
    const isRough = index > 500 && index < 1000;
    return { ...packet, arrivalMs: packet.arrivalMs + (isRough && index % 3 === 0 ? 90 : 0) };
  });
  packets.sort((a, b) => a.arrivalMs - b.arrivalMs);
  const delays: number[] = [];
  play(packets, 60_000, 'opus', (voice) => delays.push(voice.delayMs));
  expect(delays[490]).toBe(20);
  expect(delays[990]).toBeGreaterThanOrEqual(90);
  expect(delays[2900]).toBeLessThanOrEqual(40);
});

/** The sender's clock runs fast by `ppm`. */
function drifting(ppm: number, durationMs: number): Travelling[] {
  return toneStream({ codec: 'PCMA', durationMs }).map((packet) => ({
    ...packet,
    arrivalMs: packet.sentMs / (1 + ppm / 1e6),
  }));
}

test.each([200, -200])('drift of %d ppm for 10 minutes neither drains nor overfills the buffer', (ppm) => {
  const durationMs = 600_000;
  const packets = badNetwork(drifting(ppm, durationMs), { jitterMs: 5 });
  let worst = 0;
  const played = play(packets, durationMs - 1000, 'PCMA', (voice, tick) => {
    if (tick > 50) worst = Math.max(worst, Math.abs(voice.delayErrorMs));
  });
  expect(worst).toBeLessThan(30);
  expect(tonePresence(between(played, 500, durationMs - 1000), 8000, 440, present)).toBeGreaterThan(0.999);
  expect(played.voice.concealed).toBeLessThan(10);
});

test('another SSRC is followed within 5 frames, and its stragglers do not disturb', () => {
  const first = toneStream({ durationMs: 1000 });
  const second = toneStream({ durationMs: 1000, firstSequence: 7, firstTimestamp: 99 }).map((packet) => ({
    ...packet,
    ssrc: 2,
    arrivalMs: packet.arrivalMs + 1000,
  }));
  const straggler = first.at(-1);
  if (straggler !== undefined) second.push({ ...straggler, arrivalMs: 1105 });
  second.sort((a, b) => a.arrivalMs - b.arrivalMs);
  const played = play([...first, ...second], 2000);
  expect(tonePresence(between(played, 1100, 2000), 48000, 440, present)).toBe(1);
});

test.each([10_000_000, -10_000_000, 2_000, -40_000])(
  'a timestamp jump of %d is followed within 10 frames',
  (jump) => {
    const packets = toneStream({ durationMs: 2000 }).map((packet, index) => ({
      ...packet,
      timestamp: index < 50 ? packet.timestamp : (packet.timestamp + jump) >>> 0,
    }));
    const played = play(packets, 2000);
    expect(tonePresence(between(played, 1200, 1900), 48000, 440, present)).toBe(1);
  },
);

test('a restarted sequence is followed within 5 frames', () => {
  const packets = toneStream({ durationMs: 2000 }).map((packet, index) => ({
    ...packet,
    sequence: index < 50 ? packet.sequence : (packet.sequence + 20_000) & 0xffff,
  }));
  expect(tonePresence(between(play(packets, 2000), 1100, 2000), 48000, 440, present)).toBe(1);
});

test('a path that became 150 ms slower loses no more than half a second', () => {
  const packets = toneStream({ durationMs: 4000 }).map((packet, index) => ({
    ...packet,
    arrivalMs: packet.arrivalMs + (index < 100 ? 0 : 150),
  }));
  expect(tonePresence(between(play(packets, 4000), 2500, 4000), 48000, 440, present)).toBe(1);
});

test('a stall of the network does not leave a lasting delay', () => {
  const packets = toneStream({ durationMs: 8000 }).map((packet) => {
    const isHeld = packet.sentMs >= 2000 && packet.sentMs < 2300;
    return { ...packet, arrivalMs: isHeld ? 2300 : packet.arrivalMs };
  });
  const played = play(packets, 8000, 'opus', (voice, tick) => {
    if (tick === 390) expect(Math.abs(voice.delayErrorMs)).toBeLessThan(20);
  });
  expect(played.voice.delayMs).toBeLessThanOrEqual(40);
  expect(tonePresence(between(played, 3000, 7900), 48000, 440, present)).toBe(1);
});

test('nothing is heard in DTX, and the voice after it is whole', () => {
  const packets = toneStream({ durationMs: 4000 }).filter(({ sentMs }) => sentMs < 1000 || sentMs >= 3000);
  for (let sentMs = 1000; sentMs < 3000; sentMs += 400) {
    const last = packets[49];
    if (last === undefined) continue;
    const frames = (sentMs - 1000) / 20 + 1;
    const timestamp = (last.timestamp + frames * 960) >>> 0;
    const payload = Uint8Array.from([0xf8, 0]);
    packets.push({ ...last, sentMs, arrivalMs: sentMs, timestamp, payload });
  }
  packets.sort((a, b) => a.sentMs - b.sentMs);
  packets.forEach((packet, index) => (packet.sequence = index));
  const played = play(packets, 4000);
  expect(between(played, 1150, 2950).every((sample) => sample === 0)).toBe(true);
  expect(tonePresence(between(played, 3060, 4000), 48000, 440, present)).toBe(1);
  expect(played.voice.concealed).toBe(0);
});

test('a voice that ends without a word is concealed for 100 ms, then there is silence', () => {
  const played = play(toneStream({ durationMs: 1000, codec: 'PCMA' }), 2000, 'PCMA');
  expect(tonePresence(between(played, 1040, 1100), 8000, 440, -40)).toBe(1);
  expect(between(played, 1200, 2000).every((sample) => sample === 0)).toBe(true);
});

test('duplicates are counted and not played', () => {
  const packets = toneStream({ durationMs: 2000 }).flatMap((packet) => [packet, packet]);
  const played = play(packets, 2000);
  expect(played.voice.duplicates).toBe(100);
  expect(tonePresence(between(played, 100, 2000), 48000, 440, present)).toBe(1);
});
