import { expect, test } from 'vitest';
import { readyReport } from '#src/cli/readyReport.ts';
import { readyText } from '#src/cli/readyText.ts';
import { configSchema, embeddedDefault, type ConfigInput } from '#src/config/index.ts';
import { testRecipient } from '#test/support/governance.ts';

const media = { webrtcPort: 20_000, ports: { min: 20_002, max: 20_100 } };
const input = embeddedDefault(
  '/data',
  { sip: 5061, https: 8443, coreSip: 5062, media: { core: media, meetme: media } },
  { recipient: testRecipient, reviewBy: '2099-12-31' },
);
const made = { ca: '/data/test-ca/ca.pem', ownerKey: '/data/owner-key.txt' };
const nothingMade = { ca: null, ownerKey: null };
const all = new Set(['core', 'meetme']);

function report(
  change: (config: ConfigInput) => ConfigInput = (config) => config,
): ReturnType<typeof readyReport> {
  return readyReport(configSchema.parse(change(input)), all, nothingMade);
}

test('the report of the embedded default is what scripts rely on', () => {
  expect(readyReport(configSchema.parse(input), all, made)).toEqual({
    ready: true,
    ca: '/data/test-ca/ca.pem',
    ownerKey: '/data/owner-key.txt',
    zones: [
      {
        name: 'core',
        domain: 'core.localhost',
        sip: 'sip:{room}@127.0.0.1:5062;transport=tls',
        https: 'https://core.localhost:8443',
        rooms: ['boardroom', 'standup'],
      },
      {
        name: 'meetme',
        domain: 'meetme.localhost',
        sip: 'sip:{room}@127.0.0.1:5061;transport=tls',
        https: 'https://meetme.localhost:8443',
        rooms: ['welcome'],
      },
    ],
  });
});

test('a zone that is found by its name alone is dialled by its name', () => {
  const { zones } = report(({ zones: [core, ...rest], ...config }) => ({
    ...config,
    zones: core === undefined ? rest : [{ ...core, listen: [] }, ...rest],
  }));
  expect(zones[0]?.sip).toBe('sip:{room}@core.localhost:5061;transport=tls');
});

test('an address for all is dialled as loopback, IPv6 in brackets, and port 443 is not written', () => {
  const { zones } = report((config) => ({ ...config, listener: { addresses: ['::'], https_port: 443 } }));
  expect(zones[1]).toMatchObject({
    sip: 'sip:{room}@[::1]:5061;transport=tls',
    https: 'https://meetme.localhost',
  });
  const other = report((config) => ({ ...config, listener: { addresses: ['0.0.0.0'] } }));
  expect(other.zones[1]?.sip).toBe('sip:{room}@127.0.0.1:5061;transport=tls');
});

test('a zone that is not up yet is not in the report', () => {
  const { zones } = readyReport(configSchema.parse(input), new Set(['meetme']), nothingMade);
  expect(zones.map(({ name }) => name)).toEqual(['meetme']);
});

test('a person is shown links, SIP URIs, how to dial and how to trust the CA', () => {
  const text = readyText(readyReport(configSchema.parse(input), all, made), {
    soundCard: '/data/phone',
    tone: '/data/phone-tone',
  });
  for (const part of [
    'https://meetme.localhost:8443/welcome',
    'sip:boardroom@127.0.0.1:5062;transport=tls',
    "baresip -f /data/phone -e '/dial sip:welcome@127.0.0.1:5061'",
    '-i /data/test-ca/ca.pem',
    '/data/owner-key.txt',
  ]) {
    expect(text).toContain(part);
  }
  expect(readyText(report())).not.toContain('certutil');
});

test('commands can be pasted into a shell whatever the data folder is called', () => {
  const phones = { soundCard: "/my data/it's", tone: '/my data/tone' };
  const text = readyText(
    readyReport(configSchema.parse(input), all, { ca: '/my data/ca.pem', ownerKey: null }),
    phones,
  );
  expect(text).toContain(String.raw`baresip -f '/my data/it'\''s' -e`);
  expect(text).toContain("-i '/my data/ca.pem'");
});
