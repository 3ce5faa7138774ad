import { createLog } from '#kernel/index.ts';
import { ZoneMedia, type LegOptions, type ZoneMediaOptions } from '#media/index.ts';
import { MixerStandIn } from './MixerStandIn.ts';
import { freePort } from './ports.ts';

export interface MediaZone extends AsyncDisposable {
  readonly media: ZoneMedia;
  readonly mixer: MixerStandIn;
}

/** A zone's media with the real worker and a stand-in for the mixer. */
export async function openMediaZone(changes: Partial<ZoneMediaOptions> = {}): Promise<MediaZone> {
  const workerBin = process.env.MEDIASOUP_WORKER_BIN;
  if (workerBin === undefined) throw new Error('MEDIASOUP_WORKER_BIN is not set: run the tests by npm test');
  const mixer = await MixerStandIn.create();
  const min = 20_000 + 2 * Math.floor(Math.random() * 10_000);
  const options: ZoneMediaOptions = {
    address: '127.0.0.1',
    ports: { min, max: min + 99 },
    webRtcPort: await freePort(),
    audioCodecs: ['opus', 'G722', 'PCMA', 'PCMU'],
    maxTalkers: 3,
    ...changes,
  };
  const log = createLog(process.env.ZONEBRIDGE_TEST_LOG === undefined ? 'silent' : 'debug');
  const media = await ZoneMedia.create(options, { log, mixer, workerBin });
  return { media, mixer, [Symbol.asyncDispose]: () => media.close('test over') };
}

/** Of a call without video, encrypted, unless a test wants something else. */
export function legOptions(id: string, changes: Partial<LegOptions> = {}): LegOptions {
  return { id, allowPlainRtp: false, label: id, allowVideo: false, ...changes };
}
