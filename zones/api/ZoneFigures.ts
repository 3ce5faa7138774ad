import { Gauge, Registry } from 'prom-client';
import { errorText, type Log } from '#kernel/index.ts';
import type { MixerStats } from '#media/mixer/contract.ts';
import type { DeliveryState } from '../cdr/delivery/index.ts';
import type { RoomUse } from '../roomUse.ts';
import { CallCounters } from './CallCounters.ts';
import { figures } from './figures.ts';
import { mixerFigures } from './mixerFigures.ts';

/** What the figures are read from. */
export interface ZoneSource {
  readonly state: 'serving' | 'draining';
  readonly workerUp: boolean;
  /** Of the rooms that somebody is in. */
  readonly use: readonly RoomUse[];
  /** Undefined when records have no receiver. */
  readonly delivery: DeliveryState | undefined;
  mixerStats(): Promise<MixerStats>;
}

/** A zone's figures for Prometheus. No label names a room, a person or an address. */
export class ZoneFigures {
  readonly calls: CallCounters;
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #log: Log;
  readonly #zone: ReturnType<typeof figures<ZoneSource>>;
  readonly #mixer: ReturnType<typeof mixerFigures>;
  readonly #mixerUp: Gauge;

  constructor(log: Log) {
    this.#log = log;
    this.contentType = this.#registry.contentType;
    this.calls = new CallCounters(this.#registry);
    this.#zone = zoneFigures(this.#registry);
    this.#mixerUp = new Gauge({
      name: 'zonebridge_mixer_up',
      help: '1 when the mixer has told its figures.',
      registers: [this.#registry],
    });
    this.#mixer = mixerFigures(this.#registry);
  }

  /** Prometheus' text format. While the mixer is started again its figures are 0, and so is `mixer_up`. */
  async text(source: ZoneSource): Promise<string> {
    this.#zone.update(source);
    try {
      this.#mixer.update(await source.mixerStats());
      this.#mixerUp.set(1);
    } catch (error) {
      this.#log.warn({ error: errorText(error) }, 'the mixer has told no figures');
      this.#mixer.clear();
      this.#mixerUp.set(0);
    }
    return this.#registry.metrics();
  }
}

const recordFigures: Parameters<typeof figures<ZoneSource>>[1] = [
  {
    name: 'records_waiting',
    help: 'Call records that the owner’s receiver has not taken; 0 without one.',
    kind: 'gauge',
    of: ({ delivery }) => delivery?.waiting ?? 0,
  },
  {
    name: 'records_delivery_alarm',
    help: '1 when no call record could be delivered for alarm_after_seconds.',
    kind: 'gauge',
    of: ({ delivery }) => Number(delivery?.isAlarm ?? false),
  },
  {
    name: 'records_missing_total',
    help: 'Call records that were missing in the store when they were to be delivered.',
    kind: 'counter',
    of: ({ delivery }) => delivery?.missing ?? 0,
  },
];

function zoneFigures(registry: Registry): ReturnType<typeof figures<ZoneSource>> {
  const sum = (use: readonly RoomUse[], of: (room: RoomUse) => number): number =>
    use.reduce((total, room) => total + of(room), 0);
  return figures<ZoneSource>(registry, [
    {
      name: 'draining',
      help: '1 when the zone takes no new calls.',
      kind: 'gauge',
      of: ({ state }) => Number(state === 'draining'),
    },
    {
      name: 'media_worker_up',
      help: '0 while the media worker is being replaced.',
      kind: 'gauge',
      of: ({ workerUp }) => Number(workerUp),
    },
    {
      name: 'conferences',
      help: 'Rooms that somebody is in.',
      kind: 'gauge',
      of: ({ use }) => use.length,
    },
    {
      name: 'legs',
      help: 'Established calls.',
      label: 'protocol',
      kind: 'gauge',
      of: ({ use }) => ({ sip: sum(use, ({ phones }) => phones), web: sum(use, ({ browsers }) => browsers) }),
    },
    {
      name: 'cameras',
      help: 'Cameras that are on.',
      kind: 'gauge',
      of: ({ use }) => sum(use, ({ cameras }) => cameras),
    },
    {
      name: 'shared_screens',
      help: 'Rooms where somebody shares a screen.',
      kind: 'gauge',
      of: ({ use }) => sum(use, ({ sharing }) => Number(sharing)),
    },
    ...recordFigures,
    {
      name: 'host_cpu_seconds_total',
      help: 'CPU of the zone’s own process, without its mixer and media worker.',
      kind: 'counter',
      of: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
    },
    {
      name: 'host_resident_bytes',
      help: 'Memory of the zone’s own process.',
      kind: 'gauge',
      of: () => process.memoryUsage.rss(),
    },
  ]);
}
