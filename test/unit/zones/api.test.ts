import { request } from 'node:http';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createLog, ZonebridgeError } from '#kernel/index.ts';
import type { MixerStats } from '#media/mixer/contract.ts';
import { CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { adminSocketPath, ZoneApi, ZoneFigures } from '#zones/api/index.ts';

const stats: MixerStats = {
  ...{
    legs: 3,
    ticks: 500,
    ticksLate: 2,
    ticksSkipped: 1,
    cpuMs: 1500,
    packetsReceived: 10,
    packetsSent: 20,
  },
  encodesPerTick: { opus: 2, G722: 0, PCMA: 1, PCMU: 0 },
  latenessMs: { p50: 0.5, p99: 2, max: 4 },
  perLeg: [],
  video: {
    load: {
      ...{ capacityPercent: 180, plannedPercent: 60, perCameraPercent: 5, perViewPercent: 20 },
      lateFraction: 0.01,
    },
    ...{ views: 1, ladders: 2, decoders: 4, frameRate: 30, packetsReceived: 100, packetsSent: 200 },
    encoders: { VP8: 3, H264: 3 },
    stageMs: { decode: 100, compose: 200, scale: 300, encode: 4000, rtp: 50 },
    ...{ framesComposed: 900, framesLate: 3, framesSkipped: 1 },
    latencyMs: { p50: 20, p99: 40, max: 60 },
  },
};

const use = [
  {
    room: 'board-room',
    ...{ browsers: 2, phones: 1, cameras: 2, waiting: 0, locked: false },
    sharing: true,
    layout: 'auto',
  },
  {
    room: 'other-room',
    ...{ browsers: 1, phones: 0, cameras: 0, waiting: 2, locked: true },
    sharing: false,
    layout: '1:7',
  },
] as const;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

class ApiFixture implements AsyncDisposable {
  readonly folder: string;
  readonly figures = new ZoneFigures(createLog('silent'));
  mixerStats: () => Promise<MixerStats> = () => Promise.resolve(stats);
  #api: ZoneApi | undefined;

  static async open(): Promise<ApiFixture> {
    const fixture = new ApiFixture(await mkdtemp(join(tmpdir(), 'zonebridge-api-')));
    await fixture.start();
    return fixture;
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  get path(): string {
    return adminSocketPath(this.folder);
  }

  async start(path = this.path): Promise<void> {
    const zone = {
      ...{ state: 'serving' as const, workerUp: true, use, delivery: undefined },
      mixerStats: () => this.mixerStats(),
      snapshot: (room: string, view: string) => picture(room, view),
      dial: (room: string, uri: string) => Promise.resolve(`${uri} is in the room ${room}`),
    };
    this.#api = await ZoneApi.create({ path, zone, figures: this.figures, log: createLog('silent') });
  }

  async get(path: string, method = 'GET'): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    request({ socketPath: this.path, path, method, agent: false }, (response) => {
      const { statusCode: status = 0, headers } = response;
      buffer(response).then((body) => resolve({ status, type: headers['content-type'] ?? '', body }), reject);
    })
      .once('error', reject)
      .end();
    return promise;
  }

  /** Lines of /metrics that begin with this. */
  async lines(start: string): Promise<readonly string[]> {
    const { body } = await this.get('/metrics');
    return body
      .toString()
      .split('\n')
      .filter((line) => line.startsWith(`zonebridge_${start}`));
  }

  async close(): Promise<void> {
    await this.#api?.close('test');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true });
  }
}

function picture(room: string, view: string): Promise<Uint8Array> {
  if (room === 'board-room' && view === 'shared') return Promise.resolve(Uint8Array.of(0xff, 0xd8, 0xff));
  const code = room === 'busy-room' ? 'timeout' : 'not-found';
  return Promise.reject(new ZonebridgeError(code, `no view ${view} of ${room}`));
}

test('the figures say how many encoders there are for how many views, and what the mixer can do', async () => {
  await using api = await ApiFixture.open();
  const { status, type } = await api.get('/metrics');
  expect({ status, type }).toMatchObject({
    status: 200,
    type: expect.stringMatching(/^text\/plain/) as string,
  });
  expect(await api.lines('mixer_video_encoders')).toEqual([
    'zonebridge_mixer_video_encoders{codec="VP8"} 3',
    'zonebridge_mixer_video_encoders{codec="H264"} 3',
  ]);
  expect(await api.lines('mixer_video_ladders')).toEqual(['zonebridge_mixer_video_ladders 2']);
  expect(await api.lines('mixer_video_views')).toEqual(['zonebridge_mixer_video_views 1']);
  expect(await api.lines('mixer_video_load_percent{what="planned"')).toEqual([
    'zonebridge_mixer_video_load_percent{what="planned"} 60',
  ]);
  expect(await api.lines('mixer_video_cpu_seconds_total{stage="encode"')).toEqual([
    'zonebridge_mixer_video_cpu_seconds_total{stage="encode"} 4',
  ]);
  expect(await api.lines('legs')).toEqual([
    'zonebridge_legs{protocol="sip"} 1',
    'zonebridge_legs{protocol="web"} 3',
  ]);
});

test('figures read twice are the same, not twice as large', async () => {
  await using api = await ApiFixture.open();
  const pick = (): Promise<readonly string[]> => api.lines('mixer_video_');
  expect(await pick()).toEqual(await pick());
});

test('no figure names a room, a person or an address', async () => {
  await using api = await ApiFixture.open();
  const call = new CallStandIn({ name: 'Alice', protocol: 'sip', room: 'board-room' });
  api.figures.calls.admitted(call);
  api.figures.calls.refused(call, { cause: 'busy', detail: 'the room board-room is full of Alice' });
  api.figures.calls.ended(call, { cause: 'remote-hangup' });
  const { body } = await api.get('/metrics');
  expect(body.toString()).not.toMatch(/board-room|other-room|Alice|127\.0\.0\.1/);
  expect(await api.lines('calls_')).toEqual([
    'zonebridge_calls_admitted_total{protocol="sip"} 1',
    'zonebridge_calls_admitted_total{protocol="web"} 0',
    'zonebridge_calls_refused_total{protocol="sip",cause="busy"} 1',
    'zonebridge_calls_ended_total{protocol="sip",cause="remote-hangup"} 1',
  ]);
});

test('without a mixer the figures still come, and say that it is missing', async () => {
  await using api = await ApiFixture.open();
  await api.get('/metrics');
  api.mixerStats = () => Promise.reject(new ZonebridgeError('unreachable', 'the mixer is being restarted'));
  expect((await api.get('/metrics')).status).toBe(200);
  expect(await api.lines('mixer_up')).toEqual(['zonebridge_mixer_up 0']);
  expect(await api.lines('mixer_video_encoders')).toEqual([]);
  api.mixerStats = () => Promise.resolve(stats);
  expect(await api.lines('mixer_up')).toEqual(['zonebridge_mixer_up 1']);
});

test('rooms in use are told with counts and without people', async () => {
  await using api = await ApiFixture.open();
  const { body } = await api.get('/rooms');
  expect(JSON.parse(body.toString())).toEqual({ rooms: use });
});

test('a picture of a view is a JPEG; what there is not is 404 with a reason', async () => {
  await using api = await ApiFixture.open();
  expect(await api.get('/rooms/board-room/views/shared.jpg')).toEqual({
    ...{ status: 200, type: 'image/jpeg' },
    body: Buffer.of(0xff, 0xd8, 0xff),
  });
  const { status, body } = await api.get('/rooms/board-room/views/someone-4711.jpg');
  expect({ status, ...(JSON.parse(body.toString()) as object) }).toEqual({
    ...{ status: 404, error: 'not-found', message: 'no view someone-4711 of board-room' },
  });
  expect((await api.get('/rooms/busy-room/views/shared.jpg')).status).toBe(504);
});

test.each(['/', '/nothing', '/rooms/board-room', '/rooms/board-room/views/shared.png', '/../metrics'])(
  'there is nothing at %s, and it is said in JSON',
  async (path) => {
    await using api = await ApiFixture.open();
    const { status, body } = await api.get(path);
    expect(status).toBe(404);
    expect(JSON.parse(body.toString())).toMatchObject({ error: 'not-found' });
  },
);

test('nothing can be changed by it', async () => {
  await using api = await ApiFixture.open();
  for (const method of ['POST', 'PUT', 'DELETE']) expect((await api.get('/rooms', method)).status).toBe(404);
});

test('a request that is none does not hurt', async () => {
  await using api = await ApiFixture.open();
  expect((await api.get('/rooms/%/views/x.jpg')).status).toBe(400);
  expect((await api.get('/rooms')).status).toBe(200);
});

test('only its owner may open the socket, which goes away with the zone', async () => {
  await using api = await ApiFixture.open();
  expect((await stat(api.path)).mode & 0o777).toBe(0o600);
  await api.close();
  await expect(stat(api.path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a socket that a killed process left is in nobody’s way', async () => {
  await using api = await ApiFixture.open();
  await api.close();
  await writeFile(api.path, '');
  await chmod(api.path, 0o400);
  await api.start();
  expect((await api.get('/rooms')).status).toBe(200);
});

test('a data folder whose name is too long for a socket is said to be', async () => {
  await using api = await ApiFixture.open();
  const path = adminSocketPath(join(api.folder, 'x'.repeat(100)));
  await expect(api.start(path)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('choose a data folder with a shorter one') as string,
  });
});
