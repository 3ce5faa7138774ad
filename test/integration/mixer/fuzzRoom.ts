import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog, type VideoCodecName } from '#kernel/index.ts';
import { ChildMixer } from '#media/mixer/index.ts';
import { Dice, mutate } from '#test/support/mutate.ts';
import { colors, ColorSender } from '#test/unit/media/mixer/video/ColorSender.ts';
import { VideoLeg } from './VideoLeg.ts';

export interface FuzzOutcome {
  readonly sent: number;
  /** The process is still the one that was started. */
  readonly alive: boolean;
  /** What the two honest phones see of each other, after it. */
  readonly seen: readonly (readonly string[])[];
  /** Frames a second that the first of them got meanwhile. */
  readonly frameRate: number;
  /** Whether what the hostile sender shows can be seen once it sends as it should. */
  readonly recovered: boolean;
  readonly memoryGrowthBytes: number;
}

const copies = 20;
const paceMs = 10;
const picture = {
  conferenceId: 'room',
  thread: 0,
  layout: 'auto',
  pinned: [],
  welcome: ['Room'],
  frameRate: 30,
  maxBitrate: 1_000_000,
  encodeBudget: 4,
} as const;

/** Sends mutated packets of one person into a room of a real mixer process in which two others see each other. */
export async function fuzzRoom(codec: VideoCodecName, packets: number, seed: number): Promise<FuzzOutcome> {
  await using mixer = await ChildMixer.start({ maxTalkers: 3, videoThreads: 1, log: createLog('fatal') });
  const { pid, videoPorts } = mixer;
  const mixerPort = videoPorts[0] ?? 0;
  await mixer.setPicture(picture);
  await using one = await VideoLeg.open('one', 1, colors.red, mixerPort);
  await using two = await VideoLeg.open('two', 2, colors.green, mixerPort);
  for (const { config } of [one, two]) await mixer.setVideoLeg(config);
  using hostile = new HostileCamera(codec, mixerPort, seed);
  const { inbound } = hostile.sender;
  const person = {
    id: 'hostile',
    conferenceId: 'room',
    kind: 'phone',
    label: 'hostile',
    muted: false,
  } as const;
  await mixer.setVideoLeg({ ...person, camera: inbound });
  await one.framesMore(10);
  const before = await residentBytes(pid);
  const [frames, startedMs] = [one.viewer.frames, performance.now()];
  while (hostile.sent < packets) {
    await hostile.mutatedFrame();
    await sleep(paceMs);
  }
  const frameRate = ((one.viewer.frames - frames) * 1000) / (performance.now() - startedMs);
  const recovered = await recovers(hostile, one);
  const memoryGrowthBytes = (await residentBytes(pid)) - before;
  const seen = [one, two].map(({ viewer }) => viewer.seen().filter((color) => color !== 'blue'));
  return { sent: hostile.sent, alive: mixer.pid === pid, seen, frameRate, recovered, memoryGrowthBytes };
}

async function recovers(hostile: HostileCamera, viewer: VideoLeg): Promise<boolean> {
  for (let frame = 0; frame < 300; frame += 1) {
    await hostile.honestFrame();
    await sleep(33);
    if (frame % 15 === 0 && viewer.viewer.seen().includes('blue')) return true;
  }
  return false;
}

async function residentBytes(pid: number): Promise<number> {
  const pages = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1];
  return Number(pages) * 4096;
}

/** Sends what a camera sends, or something like it. */
class HostileCamera implements Disposable {
  readonly sender: ColorSender;
  sent = 0;
  readonly #socket = createSocket('udp4');
  readonly #port: number;
  readonly #dice: Dice;

  constructor(codec: VideoCodecName, port: number, seed: number) {
    this.sender = new ColorSender(66, codec, colors.blue);
    this.#port = port;
    this.#dice = new Dice(seed);
  }

  async mutatedFrame(): Promise<void> {
    if (this.#dice.next(4) === 0) this.sender.forceKeyFrame();
    for (const packet of this.sender.packets(Date.now())) {
      for (let copy = 0; copy < copies; copy += 1) await this.#send(mutate(packet, this.#dice));
    }
  }

  async honestFrame(): Promise<void> {
    this.sender.forceKeyFrame();
    for (const packet of this.sender.packets(Date.now())) await this.#send(packet);
  }

  [Symbol.dispose](): void {
    this.sender.close();
    this.#socket.close();
  }

  async #send(packet: Uint8Array): Promise<void> {
    this.#socket.send(packet, this.#port, '127.0.0.1', (error) => this.#socket.emit('sent', error));
    await once(this.#socket, 'sent');
    this.sent += 1;
  }
}
