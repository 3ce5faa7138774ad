import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { VideoCodecName } from '#kernel/index.ts';
import type { VideoFuzzing } from './fuzzVideo.ts';

const runs = 20_000;
const videoRuns = 10_000;

/** What the program says in the end. In a process of its own: a crash is its exit by a signal, which rejects. */
async function fuzz(name: string, count: number): Promise<unknown> {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const seed = String(Math.floor(Math.random() * 2 ** 31));
  const run = promisify(execFile)(process.execPath, [program, String(count), seed], { timeout: 220_000 });
  const { stdout } = await run.catch((error: unknown) => {
    throw new Error(`fuzzing with seed ${seed} failed`, { cause: error });
  });
  return JSON.parse(stdout);
}

test('no argument, packet or datagram crashes the addon', { timeout: 240_000 }, async () => {
  // The garbage must have got past the argument checks, or nothing was tested.
  const { decoded, received } = (await fuzz('fuzzAddon.ts', runs)) as {
    decoded: { opus: number };
    received: number;
  };
  expect(decoded.opus).toBeGreaterThan(100);
  expect(received).toBeGreaterThan(100);
});

test(
  'no frame crashes a video decoder, and it goes on at the next key frame',
  { timeout: 240_000 },
  async () => {
    const codecs = (await fuzz('fuzzVideo.ts', videoRuns)) as Record<VideoCodecName, VideoFuzzing>;
    for (const { damaged, pictures, recovered, sizes } of Object.values(codecs)) {
      expect(damaged).toBeGreaterThan(100);
      expect(pictures).toBeGreaterThan(100);
      expect(recovered).toBe(true);
      expect(sizes).toBeGreaterThan(1);
    }
  },
);
