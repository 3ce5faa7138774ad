import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Server } from '#test/support/Server.ts';

const run = promisify(execFile);

/** `zonebridge zone …` for a running server; what it prints. */
export async function zoneCommand({ dataDir }: Server, ...command: readonly string[]): Promise<string> {
  const program = ['src/main.ts', 'zone', ...command, '--data', dataDir];
  const { stdout } = await run(process.execPath, program, { cwd: new URL('../..', import.meta.url) });
  return stdout;
}

/** Figures of a zone by name and labels, as Prometheus writes them: `zonebridge_mixer_video_encoders{codec="VP8"}`. */
export async function zoneMetrics(server: Server, zone: string): Promise<ReadonlyMap<string, number>> {
  const lines = (await zoneCommand(server, 'metrics', zone)).split('\n');
  const figures = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    figures.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

export interface VideoFigures {
  readonly views: number;
  readonly ladders: number;
  readonly encoders: { readonly VP8: number; readonly H264: number };
}

export async function videoFigures(server: Server, zone: string): Promise<VideoFigures> {
  const metrics = await zoneMetrics(server, zone);
  const figure = (name: string): number => metrics.get(`zonebridge_mixer_video_${name}`) ?? -1;
  return {
    views: figure('views'),
    ladders: figure('ladders'),
    encoders: { VP8: figure('encoders{codec="VP8"}'), H264: figure('encoders{codec="H264"}') },
  };
}
