import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createLog, ZonebridgeError } from '#kernel/index.ts';
import { askZone } from '#src/cli/askZone.ts';
import { runCommandLine } from '#src/cli/index.ts';
import { ZoneApi, ZoneFigures } from '#zones/api/index.ts';
import { adminSocketPath } from '#zones/index.ts';

const jpeg = Uint8Array.of(0xff, 0xd8, 1, 2, 3, 0xff, 0xd9);

/** A data folder with the API of a zone `meetme` in it. */
async function inDataFolder(run: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zonebridge-ask-'));
  const folder = join(dataDir, 'zones', 'meetme');
  await mkdir(folder, { recursive: true });
  const log = createLog('silent');
  await using _api = await ZoneApi.create({
    path: adminSocketPath(folder),
    zone: {
      state: 'serving',
      workerUp: true,
      delivery: undefined,
      use: [],
      mixerStats: () => Promise.reject(new Error('no mixer')),
      dial: (room, uri) => Promise.resolve(`${uri} is in the room ${room}`),
      snapshot: (room, view) =>
        room === 'a-room' && view === 'shared'
          ? Promise.resolve(jpeg)
          : Promise.reject(new ZonebridgeError('not-found', `no view ${view} of ${room}`)),
    },
    figures: new ZoneFigures(log),
    log,
  });
  await run(dataDir).finally(() => rm(dataDir, { recursive: true }));
}

async function commandOutput(...parameters: readonly string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const keep = (chunk: string | Uint8Array): boolean => {
    text += chunk.toString();
    return true;
  };
  const [output, errors] = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep),
  ];
  try {
    return { code: await runCommandLine(['node', 'zonebridge', ...parameters]), text };
  } finally {
    output.mockRestore();
    errors.mockRestore();
  }
}

test('a picture of a room is written to a file as it comes', () =>
  inDataFolder(async (dataDir) => {
    const out = join(dataDir, 'now.jpg');
    const { code, text } = await commandOutput(
      ...['zone', 'picture', 'meetme', 'a-room', '--out', out, '--data', dataDir],
    );
    expect({ code, text }).toEqual({ code: 0, text: `${out} shows the view shared of room a-room\n` });
    expect(new Uint8Array(await readFile(out))).toEqual(jpeg);
  }));

test('where there is no picture no file is written or changed, and the zone’s reason is told', () =>
  inDataFolder(async (dataDir) => {
    const out = join(dataDir, 'now.jpg');
    await writeFile(out, 'before');
    const { code, text } = await commandOutput(
      ...['zone', 'picture', 'meetme', 'a-room', '--view', '../alternate', '--out', out, '--data', dataDir],
    );
    expect({ code, text }).toEqual({ code: 1, text: 'no view ../alternate of a-room\n' });
    expect(await readFile(out, 'utf8')).toBe('before');
  }));

test('figures and rooms in use are printed', () =>
  inDataFolder(async (dataDir) => {
    const figures = await commandOutput('zone', 'metrics', 'meetme', '--data', dataDir);
    expect(figures).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^zonebridge_media_worker_up 1$/m) as string,
    });
    const rooms = await commandOutput('zone', 'rooms', 'meetme', '--data', dataDir);
    expect(JSON.parse(rooms.text)).toEqual({ rooms: [] });
  }));

test('a zone that does not run, or has another data folder, is told as such', () =>
  inDataFolder(async (dataDir) => {
    await expect(askZone(dataDir, 'core', '/rooms')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('is it running, with this --data') as string,
    });
    const { code } = await commandOutput('zone', 'rooms', 'core', '--data', dataDir);
    expect(code).toBe(1);
  }));
