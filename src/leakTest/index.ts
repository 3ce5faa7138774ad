import { setTimeout as sleep } from 'node:timers/promises';
import { controlFailures } from './control.ts';
import { LeakRun } from './LeakRun.ts';
import { LeakServer } from './LeakServer.ts';
import { MarkerBook } from './MarkerBook.ts';
import { tryToComeIn } from './refusals.ts';
import { coreDumpsOf, leakReport, type LeakReport } from './report.ts';
import { Scene } from './Scene.ts';

export type { LeakReport } from './report.ts';

export interface LeakTestOptions {
  /** Fresh: all that the run makes is below it. */
  readonly folder: string;
  /** Without pictures, a second look at the memory, and a crash. */
  readonly short: boolean;
  /** Told what happens now. */
  readonly say: (what: string) => void;
}

/**
 * Starts zones, plants a marker in everything that a caller controls, makes calls, and looks for the markers wherever they must not be.
 * Throws when it could not be done: `unavailable`, `timeout`.
 */
export async function runLeakTest({ folder, short, say }: LeakTestOptions): Promise<LeakReport> {
  say('letting a process leak on purpose, to see that it is found');
  const control = await controlFailures(folder);
  const book = new MarkerBook();
  const rightPin = book.plantDigits('PIN (right)', { name: 'Peggy', zone: 'meetme' });
  say('starting three zones');
  await using server = await LeakServer.start(folder, { rightPin, video: !short });
  const run = new LeakRun(server, book);
  {
    await using scene = await Scene.create(server, book);
    say('calling');
    await scene.meet();
    await tryToComeIn(scene, rightPin);
    await typeInTheMeeting(scene);
    say('looking through the processes');
    await run.searchRunning();
    if (!short) await sleep(10_000);
    if (short) await scene.leave();
    else await crashAndLeave(scene, run, say);
    run.searchEars(scene);
  }
  const coreDumps = await coreDumpsOf(run.parts);
  say('stopping the zones, and looking at what is left');
  await server.process.stop();
  await run.searchLeft(folder);
  return leakReport(book, run, control, coreDumps);
}

/** Keys that mean nothing, both ways of sending them. */
async function typeInTheMeeting({ book, people: { alice, carol } }: Scene): Promise<void> {
  await Promise.all([
    alice.media.type(book.plantDigits('digits (RTP events)', alice.caller)),
    carol.typeByInfo(book.plantDigits('digits (INFO)', carol.caller)),
  ]);
}

async function crashAndLeave(scene: Scene, run: LeakRun, say: (what: string) => void): Promise<void> {
  say('letting the host of a zone crash');
  await run.crash('partner');
  await scene.leave(['core', 'meetme']);
  await sleep(1_000);
  say('looking through the processes again');
  await run.searchRunning();
}
