import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPrompts } from '#zones/prompts/Prompts.ts';
import { resampleClip } from '#zones/prompts/resampleClip.ts';
import { promptIds } from '#zones/prompts/sentences.ts';
import { readWav, writeWav } from '#zones/prompts/wav.ts';
import { sine, toneDb } from '#test/support/tones.ts';

const program = fileURLToPath(import.meta.resolve('#zones/prompts/makePrompts.ts'));
let folder = '';
let builtIn = '';
let folders = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zonebridge-prompts-'));
  builtIn = join(folder, 'built-in');
  await promisify(execFile)(process.execPath, [program, builtIn]);
});

afterAll(() => rm(folder, { recursive: true }));

/** A folder of a zone's own with these files. */
async function own(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  folders += 1;
  const path = join(folder, `own ${folders}`);
  await mkdir(path);
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}

function tone(sampleRateHz: number, ms: number): Buffer {
  return writeWav({ sampleRateHz, samples: sine(1010, sampleRateHz, (sampleRateHz * ms) / 1000) });
}

test('every prompt that comes with the program is spoken, clearly and not too long, and has its sentence', async () => {
  const prompts = await loadPrompts({ builtIn });
  for (const id of promptIds) {
    const samples = prompts.samples(id);
    const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(loudest).toBeGreaterThan(15_000);
    expect(loudest).toBeLessThan(17_000);
    expect(samples.length / 48_000).toBeGreaterThan(1);
    expect(samples.length / 48_000).toBeLessThan(8);
    expect(prompts.text(id)).toMatch(/^[A-Z].*\.$/);
  }
});

test('a WAV file and a text of the zone’s own take the place of the built-in ones', async () => {
  const files = {
    'enter-pin.wav': tone(16_000, 500),
    'enter-pin.txt': 'Bitte die PIN eingeben.\n',
    README: 'x',
  };
  const prompts = await loadPrompts({ builtIn, own: await own(files) });
  expect(prompts.samples('enter-pin')).toHaveLength(24_000);
  expect(toneDb(prompts.samples('enter-pin'), 48_000, 1010)).toBeCloseTo(-12, 0);
  expect(prompts.text('enter-pin')).toBe('Bitte die PIN eingeben.');
  const others = await loadPrompts({ builtIn });
  expect(prompts.samples('waiting')).toEqual(others.samples('waiting'));
  expect(prompts.text('waiting')).toBe(others.text('waiting'));
});

const unusable: readonly [name: string, content: string | Buffer, says: RegExp][] = [
  ['enter-pim.wav', tone(48_000, 100), /enter-pim\.wav is no prompt: name it after one of enter-pin, /],
  ['waiting.wav', 'music', /waiting\.wav cannot be played: it is not a WAV file; sox IN /],
  ['waiting.wav', tone(48_000, 100).subarray(0, 40), /waiting\.wav cannot be played: it has no samples/],
  ['waiting.wav', tone(48_000, 0), /it is empty/],
  ['waiting.wav', tone(8000, 61_000), /it is longer than 60 seconds/],
  ['waiting.wav', withBits(8), /its samples are not 16-bit PCM/],
  ['waiting.txt', 'two\nlines', /waiting\.txt must be one line of 1 to 200 characters/],
];

function withBits(bits: number): Buffer {
  const file = tone(48_000, 100);
  file.writeUInt16LE(bits, 34);
  return file;
}

for (const [name, content, says] of unusable) {
  test(`${name} that cannot be used is an error that says why: ${says.source}`, async () => {
    const loading = loadPrompts({ builtIn, own: await own({ [name]: content }) });
    await expect(loading).rejects.toMatchObject({ code: 'config-invalid' });
    await expect(loading).rejects.toThrow(says);
  });
}

test('a folder that is not there is an error that names it, of the zone and of the program', async () => {
  const zone = loadPrompts({ builtIn, own: '/nowhere/own' });
  await expect(zone).rejects.toThrow(/^\/nowhere\/own cannot be read .* take prompts: out of the zone$/);
  const program = loadPrompts({ builtIn: '/nowhere/built-in' });
  await expect(program).rejects.toMatchObject({ code: 'unavailable' });
  await expect(program).rejects.toThrow(/\/nowhere\/built-in\/enter-pin\.wav .* run scripts\/setup\.sh$/);
});

test('a tone stays what it is at another rate, and what the other rate has no room for is gone', () => {
  for (const rateHz of [8000, 11_025, 22_050, 44_100, 96_000]) {
    const { sampleRateHz, samples } = resampleClip(readWav(tone(rateHz, 400)), 48_000);
    expect(sampleRateHz).toBe(48_000);
    expect(samples).toHaveLength(19_200);
    const inside = samples.subarray(2400, 16_800);
    const residue = inside.map(
      (sample, index) =>
        sample - Math.round(8191.75 * Math.sin(((index + 2400) * 2 * Math.PI * 1010) / 48_000)),
    );
    expect(toneDb(inside, 48_000, 1010)).toBeCloseTo(-12, 1);
    expect(Math.max(...residue.map(Math.abs))).toBeLessThan(100);
  }
  const high = resampleClip({ sampleRateHz: 96_000, samples: sine(40_000, 96_000, 9600) }, 48_000);
  expect(Math.max(...high.samples.subarray(200, 4600).map(Math.abs))).toBeLessThan(100);
});

test('channels of a file are mixed to one, and chunks that are not known are passed over', () => {
  const left = writeWav({ sampleRateHz: 8000, samples: Int16Array.of(100, 300, -50, -150) });
  left.writeUInt16LE(2, 22);
  const odd = Buffer.from('LIST\u0003\u0000\u0000\u0000abc\u0000', 'latin1');
  const file = Buffer.concat([left.subarray(0, 36), odd, left.subarray(36)]);
  expect(readWav(file)).toEqual({ sampleRateHz: 8000, samples: Int16Array.of(200, -100) });
});
