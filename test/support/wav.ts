import { readFile } from 'node:fs/promises';
import type { Recording } from './Chromium.ts';

/** Reads a WAV file of 16-bit PCM (first channel), also one whose header was not finished when its writer was killed. */
export async function readWav(path: string): Promise<Recording> {
  const file = await readFile(path);
  if (file.toString('latin1', 0, 4) !== 'RIFF') throw new Error(`${path} is not a WAV file`);
  const channels = file.readUInt16LE(22);
  const sampleRateHz = file.readUInt32LE(24);
  if (file.readUInt16LE(34) !== 16) throw new Error(`${path} is not 16-bit PCM`);
  const start = file.indexOf('data', 12, 'latin1') + 8;
  const count = Math.floor((file.length - start) / (2 * channels));
  const samples = new Float32Array(count);
  for (let index = 0; index < count; index += 1)
    samples[index] = file.readInt16LE(start + index * 2 * channels) / 32768;
  return { sampleRateHz, samples };
}

/** The last `seconds` of a recording. */
export function lastSeconds({ sampleRateHz, samples }: Recording, seconds: number): Recording {
  return {
    sampleRateHz,
    samples: samples.subarray(Math.max(0, samples.length - Math.round(seconds * sampleRateHz))),
  };
}
