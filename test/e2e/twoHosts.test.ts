import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { expect, test } from 'vitest';
import type { ConfigInput } from '#src/config/index.ts';
import { Host } from '#test/support/Host.ts';
import { Namespaces } from '#test/support/Namespaces.ts';
import { writeTestConfig } from '#test/support/testConfig.ts';

const ports = { sipPort: 5061, httpsPort: 8443 };
const tones = { ours: 440, theirs: 1010 };

interface Prepared {
  readonly dataDir: string;
  readonly written: { readonly file: string; readonly ca: string };
}

/** A server's folder and configuration, with one zone of the embedded default at an address of its own. */
async function prepare(
  name: string,
  address: string,
  change: (config: ConfigInput, zone: ConfigInput['zones'][number]) => void,
): Promise<Prepared> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zonebridge-host-'));
  const written = await writeTestConfig(dataDir, ports, (zone) => {
    zone.media.address = address;
  });
  await rewrite(written.file, (config) => {
    config.zones = config.zones.filter((zone) => zone.name === name);
    config.listener = { ...config.listener, addresses: ['0.0.0.0'] };
    for (const zone of config.zones) change(config, zone);
  });
  return { dataDir, written };
}

async function rewrite(file: string, change: (config: ConfigInput) => void): Promise<void> {
  const config = parse(await readFile(file, 'utf8')) as ConfigInput;
  change(config);
  await writeFile(file, stringify(config));
}

/** Ours has the core zone and links it to theirs; theirs knows us as a partner, by our certificate. */
async function prepareBoth(ourAddress: string, theirAddress: string): Promise<readonly [Prepared, Prepared]> {
  const theirs = await prepare('meetme', theirAddress, () => undefined);
  const ours = await prepare('core', ourAddress, (config, core) => {
    const meetme = { name: 'meetme', kind: 'meetme' as const, domains: ['meetme.localhost'] };
    config.remote_zones = [{ ...meetme, address: theirAddress, port: ports.sipPort }];
    core.dial_out = { ca: theirs.written.ca };
  });
  await rewrite(theirs.written.file, (config) => {
    for (const zone of config.zones) {
      zone.tls.client_ca = ours.written.ca;
      // Nobody but the partner comes from outside of that host.
      zone.guests.model = 'deny';
      zone.networks = ['127.0.0.0/8'];
      const agreement = { contact: 'video@acme.example', agreement: '2026-17', expires: '2099-12-31' };
      zone.partners = [{ name: 'acme', domains: ['core.localhost'], ...agreement }];
    }
  });
  return [ours, theirs];
}

const missing = await Namespaces.missing();
if (missing !== undefined)
  console.warn(`two hosts are not tried, for network namespaces cannot be made: ${missing}`);

test.skipIf(missing !== undefined)(
  'on two hosts, our core dials into their meetme zone as a partner with a certificate, and each side hears the other',
  async () => {
    await using namespaces = await Namespaces.create();
    const [ours, theirs] = await prepareBoth(...namespaces.addresses);
    const [ourName, theirName] = namespaces.names;
    await using their = await Host.start(theirName, {
      place: { ...ports, ...theirs },
      zone: 'meetme',
      room: 'welcome',
      phone: { toneHz: tones.theirs, name: 'Theirphone' },
    });
    await using our = await Host.start(ourName, {
      place: { ...ports, ...ours },
      zone: 'core',
      room: 'boardroom',
      phone: { toneHz: tones.ours, name: 'Ourphone' },
    });
    expect(await our.dial('boardroom', 'sips:welcome@meetme.localhost')).toBe(
      'welcome@meetme.localhost is in the room\n',
    );
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const [ourReport, theirReport] = await Promise.all([
      our.report([tones.ours, tones.theirs]),
      their.report([tones.ours, tones.theirs]),
    ]);
    const { heardDb: weHeard } = ourReport;
    const { heardDb: theyHeard } = theirReport;
    expect((weHeard[tones.theirs] ?? -99) - (weHeard[tones.ours] ?? 0)).toBeGreaterThan(30);
    expect((theyHeard[tones.ours] ?? -99) - (theyHeard[tones.theirs] ?? 0)).toBeGreaterThan(30);
    expect(ourReport.records).toContain('Ourphone');
    expect(ourReport.records).not.toContain('Theirphone');
    expect(theirReport.records).toContain('Theirphone');
    expect(theirReport.records).toContain('"party":"acme"');
    expect(theirReport.records).not.toContain('Ourphone');
    for (const { faults, log, hasWayOut } of [ourReport, theirReport]) {
      expect(faults).toEqual([]);
      expect(log).not.toMatch(/Ourphone|Theirphone/);
      expect(hasWayOut).toBe(false);
    }
  },
);
