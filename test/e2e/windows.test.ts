import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Certificates } from '#test/support/Certificates.ts';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { Postgres } from '#test/support/Postgres.ts';
import { Stage } from '#test/support/Stage.ts';
import { lastSeconds, readWav } from '#test/support/wav.ts';
import { openRecords } from '#zones/cdr/index.ts';
import { openDecision } from '#zones/index.ts';

const warningSeconds = 8;
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** The end of a minute that leaves time for everybody to come in. */
function windowNow(): { readonly endsAtMs: number; readonly day: string; readonly minute: number } {
  const endsAtMs = Math.ceil((Date.now() + 25_000) / 60_000) * 60_000;
  const last = new Date(endsAtMs - 1);
  return {
    endsAtMs,
    day: last.toISOString().slice(0, 10),
    minute: last.getUTCHours() * 60 + last.getUTCMinutes(),
  };
}

function clock(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Guests may be here until then, by a policy; a partner by its agreement. */
async function start(
  certificates: Certificates,
  postgresUrlFile: string,
): Promise<{ stage: Stage; endsAtMs: number }> {
  const { endsAtMs, day, minute } = windowNow();
  const file = certificates.path('policy.cedar');
  await writeFile(
    file,
    `@id("partners") permit (principal, action, resource) when { context.partyKind == "partner" };
     @id("guests-of-today") permit (principal, action, resource)
     when { context.utc.date == "${day}" && context.utc.minuteOfDay <= ${minute} };`,
  );
  const stage = await Stage.start([], (zone) => {
    if (zone.name !== 'meetme') return;
    zone.policy = { file, warning_seconds: warningSeconds, recheck_seconds: 60 };
    zone.records.postgres_url_file = postgresUrlFile;
    zone.tls.client_ca = certificates.path('ca.pem');
    const agreement = { contact: 'video@partner.example', agreement: '2026-17', expires: '2099-12-31' };
    const windows = [
      {
        days: [weekdays[new Date(endsAtMs - 1).getUTCDay()] ?? 'mon'],
        from: '00:00',
        to: minute === 1439 ? '24:00' : clock(minute + 1),
      },
    ];
    zone.partners = [{ name: 'partner', domains: ['partner.example'], ...agreement, windows }];
  });
  return { stage, endsAtMs };
}

test('when a window ends, those inside are warned on the page and by voice, and then taken leave of', async () => {
  await using certificates = await Certificates.create('ca');
  await certificates.issue('phone', { san: 'URI:sip:partner.example' });
  const pair = await Promise.all(['phone.pem', 'phone.key'].map((name) => readFile(certificates.path(name))));
  await writeFile(certificates.path('pair.pem'), Buffer.concat(pair));
  await using postgres = await Postgres.start();
  const { urlFile: postgresUrlFile } = await postgres.database();
  const { stage: running, endsAtMs } = await start(certificates, postgresUrlFile);
  await using stage = running;
  const phone = await stage.phone({
    toneHz: 440,
    name: 'Partner',
    certificate: certificates.path('pair.pem'),
  });
  const { page } = await stage.browser('Guest', 1010);
  await page.getByRole('button', { name: /mute/i }).first().click();
  await sleep(endsAtMs - Date.now() - 3_000);
  expect(await page.getByText(/your time in this meeting is over/i).count()).toBe(0);
  await page.getByText(/your time in this meeting is over/i).waitFor({ timeout: 5_000 });
  const shot = await page.screenshot();
  if (process.env.ZONEBRIDGE_SHOTS !== undefined)
    await writeFile(join(process.env.ZONEBRIDGE_SHOTS, 'window.png'), shot);
  await phone.whenEnded(30_000);
  const endedAtMs = Date.now();
  expect(endedAtMs).toBeGreaterThan(endsAtMs + warningSeconds * 1000 - 100);
  await page.getByText('You may no longer be in this meeting').waitFor();
  expect(phone.output).toMatch(/BYE sip:[^]*?Reason: SIP;cause=\d+;text="The time of this meeting is over"/);
  const recording = await phone.recording();
  await phone.stop();
  const heard = lastSeconds(await readWav(recording), (endedAtMs - endsAtMs) / 1000 + 3);
  const before = { ...heard, samples: heard.samples.subarray(0, heard.sampleRateHz * 2) };
  const warning = { ...heard, samples: heard.samples.subarray(heard.sampleRateHz * 3) };
  expect(loudness(warning) - loudness(before)).toBeGreaterThan(20);
  await stage.server.stop();
  const place = { dataDir: join(stage.server.dataDir, 'zones', 'meetme'), postgresUrlFile };
  const records = await openRecords(place, testOwnerIdentity);
  for (const [uri, policies, cause] of [
    ['partner', ['partner partner: window'], 'window-ended'],
    ['guest', [], 'policy-ended'],
  ] as const) {
    const start = records.find(
      (record) => record.type === 'leg-start' && (record.uri ?? 'guest').includes(uri),
    );
    const ofLeg = records.filter(({ leg_id: legId }) => legId !== undefined && legId === start?.leg_id);
    const changes = ofLeg.filter(({ type }) => type === 'leg-update');
    expect(changes.map(({ change }) => change)).toEqual(['warned', 'no longer allowed']);
    expect(changes.at(-1)).toMatchObject({ decision_effect: 'deny', decision_policies: policies });
    expect(ofLeg.at(-1)).toMatchObject({ type: 'leg-end', cause });
    const kept = await openDecision(place, testOwnerIdentity, changes[0]?.decision_id ?? '');
    expect(kept).toMatchObject({ action: 'stay', room: 'welcome' });
    expect(await replayed(stage, certificates, changes[0]?.decision_id ?? '')).toMatch(/^SAME\n/);
  }
});

/** `zonebridge policy replay`; what it prints. */
async function replayed({ server }: Stage, certificates: Certificates, id: string): Promise<string> {
  const identity = certificates.path('owner.txt');
  await writeFile(identity, testOwnerIdentity);
  const where = ['--data', server.dataDir, '--config', join(server.dataDir, 'zonebridge.yaml')];
  const words = ['policy', 'replay', id, '--zone', 'meetme', '--identity', identity, ...where];
  const cwd = new URL('../..', import.meta.url);
  return (await promisify(execFile)(process.execPath, ['src/main.ts', ...words], { cwd })).stdout;
}

/** dBFS of all that is there, tones and voices. */
function loudness({ samples }: { readonly samples: Float32Array }): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
  return 10 * Math.log10(Math.max(power, 1e-12));
}
