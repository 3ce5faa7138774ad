import { native } from '#media/native/index.ts';

/** What encoding one Opus stream (48 kHz mono, 32 kbit/s, 20 ms) costs here and now, as a share of one core. */
export function opusEncodeStreamShare(): number {
  const encoder = new native.OpusEncoder({
    sampleRateHz: 48000,
    bitrate: 32000,
    complexity: 5,
    application: 'audio',
  });
  const pcm = Int16Array.from(
    { length: 960 },
    (_, index) => 8000 * Math.sin((2 * Math.PI * 440 * index) / 48000),
  );
  const out = new Uint8Array(1500);
  for (let frame = 0; frame < 200; frame += 1) encoder.encode(pcm, out);
  const frames = 2000;
  const { user, system } = process.cpuUsage();
  for (let frame = 0; frame < frames; frame += 1) encoder.encode(pcm, out);
  const used = process.cpuUsage({ user, system });
  encoder.close();
  return (used.user + used.system) / (frames * 20_000);
}
