import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RecordsFixture } from './RecordsFixture.ts';

const killedProgram = fileURLToPath(new URL('./killed.ts', import.meta.url));

/** Kills a process that writes into the fixture's records so often, at random moments. Gives the legs that it had acknowledged. */
export async function killOften(fixture: RecordsFixture, times: number): Promise<ReadonlySet<string>> {
  await fixture.records.close('the process takes over');
  const acknowledged = new Set<string>();
  for (let round = 0; round < times; round += 1) {
    const { place } = fixture;
    const given = typeof place === 'string' ? [place] : [place.dataDir, place.postgresUrlFile];
    const child = spawn(process.execPath, [killedProgram, ...given], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let timer: NodeJS.Timeout | undefined;
    for await (const line of createInterface(child.stdout)) {
      if (line === 'ready') timer = setTimeout(() => child.kill('SIGKILL'), 20 + Math.random() * 120);
      else acknowledged.add(line);
    }
    clearTimeout(timer);
    await exited;
  }
  await fixture.reopen();
  return acknowledged;
}
