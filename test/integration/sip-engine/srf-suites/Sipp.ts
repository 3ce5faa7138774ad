import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hosts, inLoopback, scenarioFolder, type Stage } from './testbed.ts';

const callerAddress = '127.29.0.11';
const engineAddress = '127.29.0.10';

/** The sipp processes of one suite. */
export class Sipp {
  readonly #folder = mkdtempSync(join(tmpdir(), 'srf-suite-'));
  readonly #running = new Set<ChildProcess>();
  #output = '';
  #calls = 0;

  /** Starts those that wait for calls, and waits until their ports are open. */
  async startStages(stages: readonly Stage[]): Promise<void> {
    const started = stages.map(({ address, scenario }) => ({
      address,
      child: this.#spawn(['-sf', scenario, '-i', address, '-p', '5060']),
    }));
    for (const { address, child } of started) {
      if (await portTaken(address, child)) continue;
      const state = child.exitCode === null ? 'does not listen' : `ended with ${child.exitCode}`;
      throw new Error(`sipp at ${address} ${state}:\n${this.#output}`);
    }
  }

  /** One call of a scenario; rejects with sipp's exit code when it does not go as written. */
  call(scenario: string): Promise<void> {
    this.#calls += 1;
    const callId = `%u-%p@%s-${this.#calls}`;
    const args = ['-sf', scenario, '-i', callerAddress, '-m', '1', '-cid_str', callId];
    const limit = ['-timeout', '30', '-timeout_error'];
    return this.#finish(this.#spawn([...args, ...limit, engineAddress]), scenario);
  }

  /** Answers one call under a name of its own. */
  async answerOne(scenario: string, name: string): Promise<void> {
    const address = '127.29.0.30';
    hosts.set(name, address);
    await this.#finish(this.#spawn(['-sf', scenario, '-i', address, '-p', '5060', '-m', '1']), scenario);
  }

  /** What the callers printed. */
  get output(): string {
    return this.#output;
  }

  async stop(): Promise<void> {
    const ends = [...this.#running].map((child) => once(child, 'exit'));
    for (const child of this.#running) child.kill('SIGKILL');
    await Promise.all(ends);
    rmSync(this.#folder, { recursive: true });
  }

  #spawn(args: readonly string[]): ChildProcess {
    const inFolder = args.map((arg) => (arg.endsWith('.xml') ? this.#readable(arg) : arg));
    const child = spawn('sipp', [...inFolder, '-nostdin'], {
      cwd: this.#folder,
      env: { ...process.env, TERM: 'dumb' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('latin1')).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    return child;
  }

  #readable(scenario: string): string {
    const copy = join(this.#folder, scenario);
    const xml = inLoopback(readFileSync(join(scenarioFolder, scenario), 'latin1'));
    writeFileSync(copy, corrected(xml, scenario.startsWith('uac')), 'latin1');
    return copy;
  }

  async #finish(child: ChildProcess, scenario: string): Promise<void> {
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`sipp ended with ${code ?? 'a signal'} in ${scenario}`);
  }
}

/**
 * sipp 3.6 takes a `>` in an attribute for the end of the element. And in answers to requests of the dialog the
 * scenarios add a second tag to To, which RFC 3261 §7.3.1 forbids and the engine refuses.
 */
function corrected(original: string, calls: boolean): string {
  const xml = original.replaceAll('regexp="<sip:(.*)>"', 'regexp="sip:([^;]*[0-9])"');
  const dialogBegins = calls ? 0 : xml.indexOf('<recv request="ACK"', xml.indexOf('SIP/2.0 200 OK'));
  if (dialogBegins < 0) return xml;
  const inDialog = xml
    .slice(dialogBegins)
    .replaceAll('[last_To:];tag=[pid]SIPpTag01[call_number]', '[last_To:]');
  return xml.slice(0, dialogBegins) + inDialog;
}

/** Whether the child bound the port of the stage. The kernel is asked: a socket that tries the port could take it from sipp. */
async function portTaken(address: string, child: ChildProcess): Promise<boolean> {
  const hex = (value: number, digits: number): string =>
    value.toString(16).toUpperCase().padStart(digits, '0');
  // As proc(5) writes it: the address in the byte order of the host.
  const octets = address.split('.').map(Number).reverse();
  const local = `${octets.map((octet) => hex(octet, 2)).join('')}:${hex(5060, 4)}`;
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
    if (readFileSync('/proc/net/udp', 'latin1').includes(` ${local} `)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
