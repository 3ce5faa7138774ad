/** One encoding that we send. */
export interface SentLayer {
  /** The rid of simulcast; empty without. */
  readonly rid: string;
  readonly bitrate: number;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly frameRate: number | undefined;
}

/** One section in one direction. Bitrates in bit/s. */
export interface MediaStatistics {
  readonly bitrate: number;
  /** 0..1 of the last interval; undefined until it is known. */
  readonly loss: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly frameRate: number | undefined;
  /** `VP8`, `opus`. */
  readonly codec: string | undefined;
  /** Of what we send: each encoding, the smallest first. */
  readonly layers: readonly SentLayer[];
}

/** By what a person calls it; undefined for what is not carried. */
export interface Statistics {
  readonly roundTripMs: number | undefined;
  readonly sound: MediaStatistics | undefined;
  readonly microphone: MediaStatistics | undefined;
  readonly picture: MediaStatistics | undefined;
  readonly alternate: MediaStatistics | undefined;
  readonly screen: MediaStatistics | undefined;
  readonly camera: MediaStatistics | undefined;
  readonly sharedScreen: MediaStatistics | undefined;
}

/** The members that we read of webrtc-stats dictionaries, of all types together. */
interface Entry {
  readonly id: string;
  readonly type: string;
  readonly timestamp: number;
  readonly mid?: string;
  readonly rid?: string;
  readonly codecId?: string;
  readonly mimeType?: string;
  readonly localId?: string;
  readonly bytesReceived?: number;
  readonly bytesSent?: number;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly fractionLost?: number;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
  readonly framesPerSecond?: number;
  readonly roundTripTime?: number;
  readonly currentRoundTripTime?: number;
  readonly nominated?: boolean;
  readonly state?: string;
}

/** Anything that can be iterated like an RTCStatsReport. */
interface Report {
  forEach(visit: (entry: Entry) => void): void;
}

/** Turns the counters of `getStats` into rates, from one reading to the next. */
export class StatisticsReader {
  #before = new Map<string, Entry>();

  read(report: Report): Statistics {
    const entries = new Map<string, Entry>();
    report.forEach((entry) => entries.set(entry.id, entry));
    const received = (mid: string): MediaStatistics | undefined => this.#received(entries, mid);
    const sent = (mid: string): MediaStatistics | undefined => this.#sent(entries, mid);
    const statistics = {
      roundTripMs: roundTripMs(entries),
      sound: received('0'),
      microphone: sent('0'),
      picture: received('1'),
      camera: sent('1'),
      screen: received('2'),
      sharedScreen: sent('2'),
      alternate: received('3'),
    };
    this.#before = entries;
    return statistics;
  }

  #received(entries: ReadonlyMap<string, Entry>, mid: string): MediaStatistics | undefined {
    const entry = ofSection(entries, 'inbound-rtp', mid)[0];
    if (entry === undefined) return undefined;
    const packets = this.#gain(entry, 'packetsReceived');
    const lost = Math.max(0, this.#gain(entry, 'packetsLost'));
    return {
      ...measuresOf(entry, entries, this.#bitrate(entry, 'bytesReceived')),
      loss: packets + lost > 0 ? lost / (packets + lost) : undefined,
      layers: [],
    };
  }

  #sent(entries: ReadonlyMap<string, Entry>, mid: string): MediaStatistics | undefined {
    const layers = ofSection(entries, 'outbound-rtp', mid)
      .map((entry) => ({ entry, ...measuresOf(entry, entries, this.#bitrate(entry, 'bytesSent')) }))
      .sort((a, b) => (a.width ?? 0) - (b.width ?? 0));
    const largest = layers.findLast(({ bitrate }) => bitrate > 0) ?? layers.at(-1);
    if (largest === undefined) return undefined;
    const fractions = layers.map(({ entry }) => farEndOf(entries, entry)?.fractionLost ?? 0);
    const { width, height, frameRate, codec } = largest;
    return {
      bitrate: layers.reduce((sum, { bitrate }) => sum + bitrate, 0),
      loss: layers.some(({ entry }) => farEndOf(entries, entry)) ? Math.max(...fractions) : undefined,
      width,
      height,
      frameRate,
      codec,
      layers: layers.map(({ entry, ...layer }) => ({
        rid: entry.rid ?? '',
        bitrate: layer.bitrate,
        width: layer.width,
        height: layer.height,
        frameRate: layer.frameRate,
      })),
    };
  }

  #gain(entry: Entry, counter: 'packetsReceived' | 'packetsLost'): number {
    return (entry[counter] ?? 0) - (this.#before.get(entry.id)?.[counter] ?? 0);
  }

  /** 0 on the first reading. */
  #bitrate(entry: Entry, counter: 'bytesReceived' | 'bytesSent'): number {
    const before = this.#before.get(entry.id);
    if (before === undefined || entry.timestamp <= before.timestamp) return 0;
    const bytes = (entry[counter] ?? 0) - (before[counter] ?? 0);
    return Math.max(0, (8_000 * bytes) / (entry.timestamp - before.timestamp));
  }
}

function ofSection(entries: ReadonlyMap<string, Entry>, type: string, mid: string): Entry[] {
  return [...entries.values()].filter((entry) => entry.type === type && entry.mid === mid);
}

function measuresOf(
  entry: Entry,
  entries: ReadonlyMap<string, Entry>,
  bitrate: number,
): Omit<MediaStatistics, 'loss' | 'layers'> {
  return {
    bitrate,
    width: entry.frameWidth,
    height: entry.frameHeight,
    frameRate: entry.framesPerSecond,
    codec: entries.get(entry.codecId ?? '')?.mimeType?.split('/')[1],
  };
}

/** What the far end says of one stream of ours. */
function farEndOf(entries: ReadonlyMap<string, Entry>, sent: Entry): Entry | undefined {
  return [...entries.values()].find(
    ({ type, localId }) => type === 'remote-inbound-rtp' && localId === sent.id,
  );
}

/** Of ICE's own checks, which go on without any media. */
function roundTripMs(entries: ReadonlyMap<string, Entry>): number | undefined {
  const pairs = [...entries.values()].filter(
    ({ type, nominated, state }) => type === 'candidate-pair' && nominated === true && state === 'succeeded',
  );
  const seconds = pairs.find(
    ({ currentRoundTripTime }) => currentRoundTripTime !== undefined,
  )?.currentRoundTripTime;
  return seconds === undefined ? undefined : seconds * 1000;
}
