import { expect, test } from 'vitest';
import { Host } from '#test/support/Host.ts';
import { Namespaces } from '#test/support/Namespaces.ts';
import { changeConfig, prepareServer, type PreparedServer } from '#test/support/prepareServer.ts';

const ports = { sipPort: 5061, httpsPort: 8443 };
const tones = { ours: 440, theirs: 1010 };

/** With one zone of the embedded default at an address of its own. */
async function prepare(zone: string, address: string): Promise<PreparedServer> {
  const prepared = await prepareServer(ports, [zone], ({ media }) => {
    media.address = address;
  });
  await changeConfig(prepared.written.file, (config) => {
    config.listener = { ...config.listener, addresses: ['0.0.0.0'] };
  });
  return prepared;
}

/** Ours has the core zone and links it to theirs; theirs knows us as a partner, by our certificate. */
async function prepareBoth(
  ourAddress: string,
  theirAddress: string,
): Promise<readonly [PreparedServer, PreparedServer]> {
  const theirs = await prepare('meetme', theirAddress);
  const ours = await prepare('core', ourAddress);
  await changeConfig(ours.written.file, (config) => {
    const meetme = { name: 'meetme', kind: 'meetme' as const, domains: ['meetme.localhost'] };
    config.remote_zones = [{ ...meetme, address: theirAddress, port: ports.sipPort }];
    for (const core of config.zones) core.dial_out = { ca: theirs.written.ca };
  });
  await changeConfig(theirs.written.file, (config) => {
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
      place: theirs,
      zone: 'meetme',
      room: 'welcome',
      phone: { toneHz: tones.theirs, name: 'Theirphone' },
    });
    await using our = await Host.start(ourName, {
      place: ours,
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
