/**
 * Runs one of the suites that drachtio-srf ships (MIT), out of its package, against the embedded engine:
 * `node runSuite.ts uas`. What its Docker network is, are loopback addresses 127.29.0.x here; `tape`, `config` and the
 * sipp runner are stood in for. Prints TAP and exits with the number of failures.
 */
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import process from 'node:process';
import { pino } from 'pino';
import { SipEngine } from '#signaling/sip/stack/index.ts';
import { Sipp } from './Sipp.ts';
import { hosts, inLoopback, stagesIn } from './testbed.ts';
import { setControls } from './standIns/config.ts';
import { setSipp } from './standIns/sipp.ts';
import { finished } from './standIns/tape.ts';

const require = createRequire(import.meta.url);
const suite = process.argv[2] ?? 'uas';
const suiteFile = require.resolve(`drachtio-srf/test/${suite}.js`);
const log = pino({ level: process.env.TEST_LOG ?? 'silent' }, pino.destination(2));

registerHooks({
  resolve(specifier, context, next) {
    const standIn = ['tape', 'config', './sipp'].find((name) => name === specifier);
    if (standIn === undefined || !(context.parentURL ?? '').includes('/drachtio-srf/test/')) {
      return next(specifier, context);
    }
    const url = new URL(`standIns/${standIn.replace('./', '')}.ts`, import.meta.url).href;
    return { url, format: 'module-typescript', shortCircuit: true };
  },
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.includes('/drachtio-srf/test/')) return loaded;
    return { ...loaded, source: corrected(inLoopback(readFileSync(new URL(url), 'utf8'))) };
  },
});

/** One suite's Refer-To lacks angle brackets and a header's equals sign (RFC 3261 §19.1.1, §20): the engine refuses. */
function corrected(source: string): string {
  return source
    .replace('encodeURIComponent(`Replaces=', "'Replaces=' + encodeURIComponent(`")
    .replace('`sip:foo@bar?${replaces}`', '`<sip:foo@bar?${replaces}>`');
}

async function startEngine(address: string): Promise<SipEngine> {
  const dns = {
    naptr: () => Promise.resolve([]),
    srv: () => Promise.resolve([]),
    addresses: (name: string) => Promise.resolve([hosts.get(name) ?? '127.29.0.250']),
  };
  // A tenth of the RFC's T1: 64*T1, which one scenario waits for, is then three seconds.
  const timings = { t1Ms: 50, t2Ms: 400, t4Ms: 500 };
  const engine = await SipEngine.create({ log, transports: { dns }, timings });
  await engine.listen('udp', address, 5060);
  return engine;
}

const sut = await startEngine('127.29.0.10');
const uas = await startEngine('127.29.0.19');
setControls({ 'drachtio-sut': sut.control, 'drachtio-uas': uas.control });
const sipp = new Sipp();
setSipp(sipp);
let failures: number;
try {
  await sipp.startStages(stagesIn(suiteFile));
  require(suiteFile);
  failures = await finished();
} finally {
  await sipp.stop();
}
await sut.close('suite over');
await uas.close('suite over');
process.exit(failures);
