import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, ZonebridgeError } from '#kernel/index.ts';
import { resampleClip } from './resampleClip.ts';
import { promptIds, sentences, type PromptId } from './sentences.ts';
import { readWav } from './wav.ts';

export type { PromptId } from './sentences.ts';

/** As the mixer takes them. */
const mixRateHz = 48_000;
const longestSeconds = 60;
const longestText = 200;

export interface PromptFolders {
  /** Of those that come with the program; `scripts/setup.sh` makes it. */
  readonly builtIn: string;
  /** Of the zone's own: `enter-pin.wav` is played, and the text of `enter-pin.txt` shown, in place of the built-in one. */
  readonly own?: string;
}

/** What the zone says to callers. */
export interface Prompts {
  /** 48 kHz, one channel. */
  samples(id: PromptId): Int16Array;
  /** One line. */
  text(id: PromptId): string;
}

interface Prompt {
  readonly samples: Int16Array;
  readonly text: string;
}

/** Throws `config-invalid` for a file of the zone that cannot be used, `unavailable` for a built-in one. */
export async function loadPrompts({ builtIn, own }: PromptFolders): Promise<Prompts> {
  const files = own === undefined ? new Set<string>() : await ownFiles(own);
  const prompts = new Map<PromptId, Prompt>();
  for (const id of promptIds) {
    const replaced = own !== undefined && files.has(`${id}.wav`);
    const samples = replaced ? await ownSamples(join(own, `${id}.wav`)) : await builtInSamples(builtIn, id);
    const text =
      own !== undefined && files.has(`${id}.txt`) ? await ownText(join(own, `${id}.txt`)) : sentences[id];
    prompts.set(id, { samples, text });
  }
  const find = (id: PromptId): Prompt => {
    const prompt = prompts.get(id);
    if (prompt === undefined) throw new ZonebridgeError('internal', `there is no prompt ${id}`);
    return prompt;
  };
  return { samples: (id) => find(id).samples, text: (id) => find(id).text };
}

/** A file whose name is no prompt's was meant to be one. */
async function ownFiles(folder: string): Promise<ReadonlySet<string>> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw invalid(
      folder,
      `cannot be read (${errorText(cause)}): make the folder, or take prompts: out of the zone`,
      cause,
    );
  });
  for (const file of files) {
    const [, id = '', kind] = /^(.*)\.(wav|txt)$/.exec(file) ?? [];
    if (kind === undefined || promptIds.some((known) => known === id)) continue;
    throw invalid(
      join(folder, file),
      `is no prompt: name it after one of ${promptIds.join(', ')}, or take it away`,
    );
  }
  return new Set(files);
}

async function ownSamples(file: string): Promise<Int16Array> {
  try {
    return await readSamples(file);
  } catch (cause) {
    const remedy = 'sox IN -r 48000 -b 16 -c 1 OUT.wav makes one that can';
    throw invalid(file, `cannot be played: ${errorText(cause)}; ${remedy}`, cause);
  }
}

async function builtInSamples(folder: string, id: PromptId): Promise<Int16Array> {
  const file = join(folder, `${id}.wav`);
  try {
    return await readSamples(file);
  } catch (cause) {
    const what = `the built-in prompt ${file} cannot be played: ${errorText(cause)}; delete ${folder} and run scripts/setup.sh`;
    throw new ZonebridgeError('unavailable', what, { cause });
  }
}

async function readSamples(file: string): Promise<Int16Array> {
  const clip = readWav(await readFile(file));
  if (clip.samples.length === 0) throw new Error('it is empty');
  if (clip.samples.length > longestSeconds * clip.sampleRateHz)
    throw new Error(`it is longer than ${longestSeconds} seconds`);
  return resampleClip(clip, mixRateHz).samples;
}

async function ownText(file: string): Promise<string> {
  const text = (await readFile(file, 'utf8')).trim();
  if (text === '' || text.length > longestText || /\p{Cc}/u.test(text))
    throw invalid(file, `must be one line of 1 to ${longestText} characters, in UTF-8`);
  return text;
}

function invalid(path: string, what: string, cause?: unknown): ZonebridgeError {
  return new ZonebridgeError('config-invalid', `${path} ${what}`, { cause });
}
