import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { SipConnection } from '#src/leakTest/callers/SipConnection.ts';
import { bytesBelow } from '#test/integration/zones/cdr/bytesBelow.ts';
import { Baresip } from '#test/support/Baresip.ts';
import { Certificates } from '#test/support/Certificates.ts';
import { Chromium, type BrowserPage, type Recording } from '#test/support/Chromium.ts';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { toneLevelDb } from '#test/support/hearing.ts';
import { freePort } from '#test/support/ports.ts';
import { changeConfig, prepareServer, type PreparedServer } from '#test/support/prepareServer.ts';
import { Server } from '#test/support/Server.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { lastSeconds, readWav } from '#test/support/wav.ts';

const run = promisify(execFile);

/** What acme's side says of itself; nothing of it is for globex. */
const acme = {
  domain: 'mka01-acme.localhost',
  room: 'mka02-room',
  title: 'MKA03 Acquisition of Globex',
  phoneName: 'MKA04-Anna',
  phoneUser: 'mka04-anna',
  pageName: 'MKA05 Bertha',
  deviceName: 'MKA06 Carla',
  deviceUser: 'mka07-carla',
  userAgent: 'MKA08-Device/1.2',
  callId: 'mka09-call-id',
  contact: 'mka10-contact',
  organization: 'MKA11 Acme Holding',
  session: 'MKA12 session',
  origin: 'mka13-origin',
  cname: 'mka14-cname',
} as const;
const globex = { phoneName: 'MKG01-Gustav', pageName: 'MKG02 Hermine', directName: 'MKG03-Ida' } as const;
const tones = { acmePhone: 440, acmePage: 620, globexPhone: 1010, globexPage: 1730, direct: 1370 } as const;
const everyTone = Object.values(tones);

const offer = [
  'v=0',
  `o=${acme.origin} 1 1 IN IP4 127.0.0.1`,
  `s=${acme.session}`,
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 0',
  'a=rtcp-mux',
  `a=ssrc:1234 cname:${acme.cname}`,
  '',
].join('\r\n');

async function ports(): Promise<{ readonly sipPort: number; readonly httpsPort: number }> {
  return { sipPort: await freePort(), httpsPort: await freePort() };
}

/** Acme serves its own core and the meetme zone, which takes both cores as partners; `ca` vouches for globex' phone. */
async function prepareAcme(ca: string): Promise<PreparedServer> {
  const prepared = await prepareServer(await ports(), ['core', 'meetme'], (zone) => {
    if (zone.name !== 'core') return;
    zone.domains = [acme.domain];
    zone.rooms = [{ name: acme.room, title: acme.title }];
    zone.media.plain_rtp = { reason: 'One device of this test sends no media.' };
  });
  await writeFile(partnersOf(prepared), await together(prepared.written.ca, ca));
  await changeConfig(prepared.written.file, ({ zones }) => {
    const meetme = zones.find(({ name }) => name === 'meetme');
    if (meetme === undefined) return;
    const agreement = { contact: 'video@example.org', agreement: '2026-17', expires: '2099-12-31' };
    meetme.tls.client_ca = partnersOf(prepared);
    meetme.guests.model = 'deny';
    meetme.names = 'opaque';
    meetme.partners = [
      { name: 'acme', domains: [acme.domain], ...agreement },
      { name: 'globex', domains: ['globex.localhost'], ...agreement },
    ];
  });
  return prepared;
}

/** Globex serves its core alone. To be called while the other server runs, whose ports it then leaves alone; that one learns its CA. */
async function prepareGlobex(other: PreparedServer): Promise<PreparedServer> {
  const prepared = await prepareServer(await ports(), ['core'], (zone) => {
    zone.domains = ['globex.localhost'];
    zone.links = ['meetme'];
  });
  await changeConfig(prepared.written.file, (config) => {
    const meetme = { name: 'meetme', kind: 'meetme' as const, domains: ['meetme.localhost'] };
    config.remote_zones = [{ ...meetme, address: '127.0.0.1', port: other.sipPort }];
    for (const zone of config.zones) zone.dial_out = { ca: other.written.ca };
  });
  await writeFile(partnersOf(other), await together(partnersOf(other), prepared.written.ca));
  return prepared;
}

function partnersOf({ dataDir }: PreparedServer): string {
  return join(dataDir, 'partners-ca.pem');
}

async function together(...files: readonly string[]): Promise<string> {
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}

async function zonebridge(...words: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['src/main.ts', ...words], {
    cwd: new URL('../..', import.meta.url),
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

/** A device of acme's that says something of itself in every place. */
async function callAsDevice(server: Server): Promise<SipConnection> {
  const uri = server.sip('core', acme.room);
  const [, host = '', port = ''] = /@([^:;]+):(\d+)/.exec(uri) ?? [];
  const ca = await readFile(server.ready.ca);
  const device = await SipConnection.connect({ host, port: Number(port), ca, servername: acme.domain });
  const target = uri.replace(/;.*$/, '');
  const head = (method: string): readonly string[] => [
    `${method} ${target} SIP/2.0`,
    `Via: SIP/2.0/TLS 127.0.0.1:${device.localPort};rport;branch=z9hG4bK${randomUUID()}`,
    'Max-Forwards: 70',
    `From: "${acme.deviceName}" <sip:${acme.deviceUser}@127.0.0.1>;tag=device`,
    `Call-ID: ${acme.callId}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:${acme.contact}@127.0.0.1:${device.localPort};transport=tls>`,
    `User-Agent: ${acme.userAgent}`,
    `Organization: ${acme.organization}`,
  ];
  device.onRequest = (request) => device.answer(request, '200 OK');
  device.write([...head('INVITE'), `To: <${target}>`, 'Content-Type: application/sdp'], offer);
  const answer = await waitFor('the answer to the device', () =>
    device.received.find(({ startLine }) => /^SIP\/2\.0 [2-6]/.test(startLine)),
  );
  expect(answer.startLine).toBe('SIP/2.0 200 OK');
  device.write([...head('ACK'), `To: ${answer.headers.get('to') ?? ''}`]);
  return device;
}

function joinPage(
  chromium: Chromium,
  server: Server,
  room: string,
  name: string,
  toneHz: number,
): Promise<BrowserPage> {
  const url = `${server.zone('core').https}/${room}?name=${encodeURIComponent(name)}&join=1&camera=0`;
  return chromium.open({ url, toneHz });
}

/** Over three mixers on a busy machine 17 dB were seen; a tone that nobody makes must be less. */
const clearlyDb = 12;
const nobodysHz = 2150;

/** Everybody else is heard, well over one's own voice. */
function expectHears(who: string, heard: Recording, own: number): void {
  const ownDb = toneLevelDb(heard, own);
  for (const tone of everyTone.filter((each) => each !== own)) {
    expect(toneLevelDb(heard, tone) - ownDb, `${who} hears ${tone} Hz`).toBeGreaterThan(clearlyDb);
  }
  expect(toneLevelDb(heard, nobodysHz) - ownDb, `${who} hears nothing else`).toBeLessThan(clearlyDb);
}

function markersIn(text: string | Buffer, markers: readonly string[]): readonly string[] {
  return markers.filter((marker) => text.includes(marker));
}

interface Meeting {
  readonly ours: Server;
  readonly theirs: Server;
  readonly phones: Readonly<Record<'ours' | 'theirs' | 'direct', Baresip>>;
  readonly device: SipConnection;
  readonly pages: Readonly<Record<'ours' | 'theirs', BrowserPage>>;
}

/** A phone and a page in each core, a device of acme's, and a phone of globex' that calls the meetme zone itself. */
async function gather(close: AsyncDisposableStack): Promise<Meeting> {
  const phoneCa = close.use(await Certificates.create('ca'));
  const acmes = await prepareAcme(phoneCa.path('ca.pem'));
  const ours = close.use(await Server.run(acmes));
  const theirs = close.use(await Server.run(await prepareGlobex(acmes)));
  const certificate = await phoneCertificate(phoneCa);
  const phones = {
    ours: close.use(await Baresip.start({ toneHz: tones.acmePhone, name: acme.phoneName })),
    theirs: close.use(await Baresip.start({ toneHz: tones.globexPhone, name: globex.phoneName })),
    direct: close.use(await Baresip.start({ toneHz: tones.direct, name: globex.directName, certificate })),
  };
  const ourBrowser = close.use(await Chromium.launch(ours.ready.ca));
  const theirBrowser = close.use(await Chromium.launch(theirs.ready.ca));
  await phones.ours.call(ours.sip('core', acme.room));
  const device = close.use(await callAsDevice(ours));
  await phones.theirs.call(theirs.sip('core', 'boardroom'));
  const pages = {
    ours: await joinPage(ourBrowser, ours, acme.room, acme.pageName, tones.acmePage),
    theirs: await joinPage(theirBrowser, theirs, 'boardroom', globex.pageName, tones.globexPage),
  };
  await phones.direct.call(ours.sip('meetme', 'welcome'));
  return { ours, theirs, phones, device, pages };
}

async function phoneCertificate(certificates: Certificates): Promise<string> {
  await certificates.issue('direct', { san: 'URI:sip:globex.localhost' });
  const file = certificates.path('direct-both.pem');
  await writeFile(file, await together(certificates.path('direct.pem'), certificates.path('direct.key')));
  return file;
}

async function dialMeetme(server: Server, room: string): Promise<void> {
  const said = await zonebridge(
    'zone',
    'dial',
    'core',
    room,
    'sips:welcome@meetme.localhost',
    '--data',
    server.dataDir,
  );
  expect(said).toBe('welcome@meetme.localhost is in the room\n');
}

async function expectAllHeard({ phones, pages }: Meeting): Promise<void> {
  expectHears('acme’s page', await pages.ours.heard(3), tones.acmePage);
  expectHears('globex’ page', await pages.theirs.heard(3), tones.globexPage);
  for (const [who, phone, own] of [
    ['acme’s phone', phones.ours, tones.acmePhone],
    ['globex’ phone', phones.theirs, tones.globexPhone],
    ['globex’ phone in the meetme zone', phones.direct, tones.direct],
  ] as const) {
    const recording = await phone.recording();
    await phone.stop();
    expectHears(who, lastSeconds(await readWav(recording), 3), own);
  }
}

/** What it shows, and all that its server has told it. */
async function wholePage(page: BrowserPage): Promise<string> {
  await page.page.getByRole('button', { name: /people/i }).click();
  return `${await page.page.content()}\n${page.told.text}`;
}

async function openRecords({ dataDir }: Server, zone: string): Promise<string> {
  const owner = join(dataDir, 'owner.txt');
  await writeFile(owner, testOwnerIdentity);
  const opened = await zonebridge('cdr', 'open', '--zone', zone, '--identity', owner, '--data', dataDir);
  // It is the owner's; what is searched below is what the server has left.
  await rm(owner);
  expect(await zonebridge('cdr', 'verify', '--zone', zone, '--data', dataDir)).toMatch(/the chain is whole/);
  return opened;
}

function expectMeetmeRecords(records: string): void {
  // Who met there is for the owner of the meetme zone: two cores by their certificates, and the phone that came itself.
  const all = [...Object.values(acme), ...Object.values(globex)];
  expect(markersIn(records, all)).toEqual([acme.domain, globex.directName]);
  const legs = records
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ type }) => type === 'leg-start');
  expect(legs.map(({ party, system_domains: domains }) => [party, domains])).toEqual([
    ['globex', ['globex.localhost']],
    ['acme', [acme.domain]],
    ['globex', ['globex.localhost']],
  ]);
}

test('two organisations meet: each hears the other, and neither has what stands behind the other', async () => {
  await using close = new AsyncDisposableStack();
  const meeting = await gather(close);
  const { ours, theirs, phones } = meeting;
  await dialMeetme(ours, acme.room);
  await dialMeetme(theirs, 'boardroom');
  await sleep(8_000);
  await expectAllHeard(meeting);
  const pages = { ours: await wholePage(meeting.pages.ours), theirs: await wholePage(meeting.pages.theirs) };
  await meeting.device[Symbol.asyncDispose]();
  await ours.stop();
  await theirs.stop();
  const records = { acme: await openRecords(ours, 'core'), globex: await openRecords(theirs, 'core') };
  const [ofAcme, ofGlobex] = [Object.values(acme), Object.values(globex)];

  // That a search finds them, where they belong.
  const inRecords = ['room', 'phoneName', 'phoneUser', 'pageName', 'deviceName', 'deviceUser', 'userAgent'];
  expect(markersIn(records.acme, ofAcme)).toEqual(
    expect.arrayContaining(inRecords.map((name) => acme[name as keyof typeof acme])),
  );
  expect(markersIn(pages.ours, ofAcme)).toEqual(expect.arrayContaining([acme.phoneName, acme.deviceName]));
  expect(markersIn(records.globex, ofGlobex)).toEqual([globex.phoneName, globex.pageName]);

  // What globex has had: all SIP of both its phones, its page, its records, and its whole data folder.
  expect(phones.direct.output).toContain('SIP/2.0 200 OK');
  const atGlobex = {
    direct: phones.direct.output,
    phone: phones.theirs.output,
    page: pages.theirs,
    records: records.globex,
    log: theirs.log,
    folder: await bytesBelow(theirs.dataDir),
  };
  for (const [place, text] of Object.entries(atGlobex)) expect(markersIn(text, ofAcme), place).toEqual([]);
  // And what acme's core has had of globex.
  const atAcme = { page: pages.ours, phone: phones.ours.output, records: records.acme, log: ours.log };
  for (const [place, text] of Object.entries(atAcme)) expect(markersIn(text, ofGlobex), place).toEqual([]);
  expectMeetmeRecords(await openRecords(ours, 'meetme'));
}, 150_000);
