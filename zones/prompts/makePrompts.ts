// Makes the prompts that come with the program: a WAV file of each sentence in the folder that is given, spoken by espeak-ng.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resampleClip } from './resampleClip.ts';
import { promptIds, sentences, type PromptId } from './sentences.ts';
import { readWav, writeWav } from './wav.ts';

/** Slower than its habit: it is heard by telephone. */
const wordsPerMinute = 150;
/** As loud as a person who speaks clearly. */
const peak = 16_000;
const mixRateHz = 48_000;

async function make(id: PromptId, folder: string): Promise<void> {
  const spoken = join(folder, `${id}.spoken`);
  const options = ['-v', 'en-us', '-s', String(wordsPerMinute), '-w', spoken, '--', sentences[id]];
  await promisify(execFile)('espeak-ng', options);
  const clip = resampleClip(readWav(await readFile(spoken)), mixRateHz);
  const loudest = clip.samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
  const samples = clip.samples.map((sample) => Math.round((sample * peak) / loudest));
  await writeFile(join(folder, `${id}.wav`), writeWav({ ...clip, samples }));
  await rm(spoken);
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('say into which folder: makePrompts.ts FOLDER');
await mkdir(folder, { recursive: true });
for (const id of promptIds) await make(id, folder);
