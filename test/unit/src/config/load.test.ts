import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultText, loadConfig, parseConfig } from '#src/config/index.ts';

const good = `
zones:
  - name: core
    kind: core
    domains: [core.example]
    tls: { certificate: tls/core.pem, key: /etc/core.key }
    media: { address: 127.0.0.1, ports: { min: 30000, max: 30100 }, webrtc_port: 30200 }
    rooms: [{ name: boardroom }]
    networks: [192.0.2.0/24]
    guests: { model: deny, owner: it@core.example, review_by: 2099-12-31 }
    policy: { file: core.cedar, server: { protocol: json, url: 'http://127.0.0.1:8181/', ca: opa.pem } }
    records: { recipients: [age1example] }
  - name: meetme
    kind: meetme
    domains: [meet.example]
    tls: { certificate: tls/meet.pem, key: tls/meet.key }
    media: { address: 127.0.0.1, ports: { min: 31000, max: 31100 }, webrtc_port: 31200 }
    rooms: [{ name: welcome, totp: { secret_file: /etc/totp } }]
    guests: { model: allow, owner: it@core.example, review_by: 2099-12-31 }
    policy: { file: meetme.cedar }
    records: { recipients: [age1example] }
`;

/** `replace` is made to the good configuration; the faults come as `line:column: message`. */
function faultsAfter(...replacements: readonly (readonly [string, string])[]): readonly string[] {
  let text = good;
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`no ${from} in the configuration`);
    text = text.replace(from, to);
  }
  return parseConfig('z.yaml', text).faults.map((fault) => faultText(fault).replace('z.yaml:', ''));
}

test('a good configuration has no faults, and its paths start at its own folder', () => {
  const { config, faults } = parseConfig('/etc/zonebridge/z.yaml', good);
  expect(faults).toEqual([]);
  expect(config?.listener).toMatchObject({ addresses: ['0.0.0.0'], sip_port: 5061, https_port: 8443 });
  expect(config?.zones[0]?.tls).toEqual({
    certificate: '/etc/zonebridge/tls/core.pem',
    key: '/etc/core.key',
  });
});

test('every file that a zone names is found from the folder of the configuration', () => {
  const { config, files } = parseConfig('/etc/zonebridge/z.yaml', good);
  expect(config?.zones[0]?.policy).toMatchObject({
    file: '/etc/zonebridge/core.cedar',
    server: { ca: '/etc/zonebridge/opa.pem' },
  });
  expect(config?.zones[1]?.rooms).toMatchObject([{ totp: { secret_file: '/etc/totp' } }]);
  expect(files.map(({ path, file }) => `${path.join('.')} ${file}`)).toEqual([
    'zones.0.tls.certificate /etc/zonebridge/tls/core.pem',
    'zones.0.tls.key /etc/core.key',
    'zones.0.policy.file /etc/zonebridge/core.cedar',
    'zones.0.policy.server.ca /etc/zonebridge/opa.pem',
    'zones.1.tls.certificate /etc/zonebridge/tls/meet.pem',
    'zones.1.tls.key /etc/zonebridge/tls/meet.key',
    'zones.1.policy.file /etc/zonebridge/meetme.cedar',
    'zones.1.rooms.0.totp.secret_file /etc/totp',
  ]);
});

test.each([
  [
    'an unknown key',
    ['rooms: [{ name: boardroom }]', 'romms: [{ name: boardroom }]'],
    /^8:5: unknown key romms\. Did you mean rooms\? Allowed here: name, kind, within, links/,
  ],
  [
    'a key in another style',
    ['webrtc_port: 30200', 'webRtcPort: 30200'],
    /^7:69: unknown key webRtcPort\. Did you mean webrtc_port\?/,
  ],
  ['a key that is far from any', ['kind: core', 'xyzzy: core'], /^4:5: unknown key xyzzy\. Allowed here/],
  [
    'a number out of range',
    ['webrtc_port: 30200', 'webrtc_port: 70000'],
    /^7:69: webrtc_port: must be a whole number from 1 to 65535, not 70000$/,
  ],
  [
    'text for a number',
    ['webrtc_port: 30200', 'webrtc_port: high'],
    /must be a whole number from 1 to 65535, not "high"$/,
  ],
  [
    'a word that is none of the choices',
    ['kind: core', 'kind: inner'],
    /^4:5: kind: must be one of core, meetme, external, not "inner"$/,
  ],
  [
    'a map for a list',
    ['rooms: [{ name: boardroom }]', 'rooms: { name: boardroom }'],
    /^8:5: rooms: must be a list with at least one entry, .* not this map$/,
  ],
  [
    'nothing for a map',
    ['tls: { certificate: tls/core.pem, key: /etc/core.key }', 'tls:'],
    /^6:5: tls: must be a map with the keys certificate, key, client_ca, not nothing$/,
  ],
  ['a bad name', ['name: boardroom', 'name: Board Room'], /^8:15: name: "Board Room" must be 1 to 64 of/],
  [
    'a room twice',
    ['rooms: [{ name: boardroom }]', 'rooms: [{ name: a }, { name: a }]'],
    /^8:28: the room a is given more than once/,
  ],
  ['a key twice', ['kind: core', 'kind: core\n    kind: core'], /^5:5: this key is in the same map twice$/],
  ['a tab', ['    kind: core', '\tkind: core'], /^4:1: a tab; YAML is indented with spaces only$/],
  ['a second document', ['zones:', '--- 1\n---\nzones:'], /several YAML documents/],
  [
    'a name twice',
    ['name: meetme', 'name: core'],
    /^13:5: the name core is given more than once; it must be unique$/,
  ],
  [
    'a domain twice',
    ['domains: [meet.example]', 'domains: [a.example, core.example]'],
    /^15:26: the domain core.example is given more than once/,
  ],
  [
    'overlapping media ports',
    ['ports: { min: 31000, max: 31100 }', 'ports: { min: 30050, max: 30150 }'],
    /^17:34: media\.ports of zone meetme \(udp 30050 to 30150\) overlaps media\.ports of zone core/,
  ],
  [
    'a port within a range',
    ['webrtc_port: 31200', 'webrtc_port: 30001'],
    /^17:69: webrtc_port of zone meetme \(udp 30001\) overlaps media\.ports of zone core/,
  ],
  [
    'a port of its own that is the shared one',
    ['kind: meetme', 'kind: meetme\n    listen: [{ protocol: sip, port: 5061 }]'],
    /^15:31: the sip port of zone meetme \(tcp 5061\) overlaps the shared SIP port/,
  ],
] as const)('%s is a fault, told with its place and with what is allowed', (_what, replacement, message) => {
  const faults = faultsAfter(replacement);
  expect(
    faults.filter((fault) => message.test(fault)),
    faults.join('\n'),
  ).toHaveLength(1);
});

test('a missing key is told at the map that lacks it, with what it is for', () => {
  const [fault] = faultsAfter([', key: /etc/core.key', '']);
  expect(fault).toMatch(/^6:5: key is missing; it must be text\. PEM file of the private key/);
});

test('only one zone can be the default', () => {
  const faults = faultsAfter(
    ['kind: core', 'kind: core\n    default: true'],
    ['kind: meetme', 'kind: meetme\n    default: true'],
  );
  expect(faults).toEqual([expect.stringMatching(/^16:5: a zone before this one is the default already/)]);
});

test('all faults are told at once, in the order of the file', () => {
  const faults = faultsAfter(
    ['name: meetme', 'name: core'],
    ['kind: core', 'kind: inner'],
    ['ports: { min: 31000, max: 31100 }', 'ports: { min: 30050, max: 30150, mux: 1 }'],
    ['name: welcome', 'name: assets'],
  );
  // In line 17 an unknown key, and ports that overlap all the same.
  expect(faults.map((fault) => Number(fault.split(':')[0]))).toEqual([4, 13, 17, 17, 18]);
});

test('a fault hides no fault between other parts of the same map or list', () => {
  const faults = faultsAfter(
    ['webrtc_port: 30200 }', 'webrtc_port: 30200, max_talkers: many }'],
    ['ports: { min: 31000, max: 31100 }', 'ports: { min: 30050, max: 30150 }'],
    ['rooms: [{ name: welcome,', 'rooms: [{ name: a }, { name: "!" }, { name: a,'],
  );
  expect(faults).toEqual([
    expect.stringMatching(/^7:.*max_talkers: must be/),
    expect.stringMatching(/^17:.*media\.ports of zone meetme .* overlaps media\.ports of zone core/),
    expect.stringMatching(/^18:.*"!" must be/),
    expect.stringMatching(/^18:.*the room a is given more than once/),
  ]);
});

test('certificates can be looked at however much else is wrong', () => {
  const text = good.replace('kind: core', 'kind: inner').replace('certificate: tls/meet.pem, ', '');
  expect(parseConfig('/etc/z.yaml', text).identities).toEqual([
    {
      zone: 0,
      domains: ['core.example'],
      tls: { certificate: '/etc/tls/core.pem', key: '/etc/core.key' },
    },
  ]);
});

test('addresses decide whether ports overlap', () => {
  const elsewhere = [
    'media: { address: 127.0.0.1, ports: { min: 31000, max: 31100 }',
    'media: { address: 192.0.2.1, ports: { min: 30000, max: 30100 }',
  ] as const;
  expect(faultsAfter(elsewhere)).toEqual([]);
  const everywhere = [
    elsewhere[0],
    elsewhere[1].replace('192.0.2.1', '0.0.0.0, announced_address: 192.0.2.1'),
  ] as const;
  expect(faultsAfter(everywhere)).toHaveLength(1);
});

test('ports from the command line win, and are checked like those of the file', () => {
  expect(parseConfig('z.yaml', good, { sipPort: 6061 }).config?.listener.sip_port).toBe(6061);
  const { faults } = parseConfig('z.yaml', good, { sipPort: 30200 });
  expect(faults).toHaveLength(1);
});

test('an alias stands for what it names, and aliases that multiply are refused', () => {
  const shared = good
    .replace('rooms: [{ name: boardroom }]', 'rooms: &rooms [{ name: x }]')
    .replace(/rooms: \[\{ name: welcome.*/, 'rooms: *rooms');
  expect(parseConfig('z.yaml', shared).config?.zones[1]?.rooms).toMatchObject([{ name: 'x' }]);
  const levels = Array.from(
    { length: 9 },
    (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}]`,
  );
  const bomb = ['a0: &a0 [x]', ...levels].join('\n');
  expect(parseConfig('z.yaml', bomb).faults[0]?.message).toMatch(/alias/i);
});

test('an empty file, and one that is not there, are told apart', async () => {
  expect(parseConfig('z.yaml', '').faults[0]?.message).toMatch(/must be a map with the keys .*zones/);
  const { faults } = await loadConfig('/nowhere/z.yaml');
  expect(faults.map(faultText)).toEqual([
    expect.stringMatching(/^\/nowhere\/z\.yaml: cannot be read: ENOENT/),
  ]);
});

test('the sample configuration is valid', () => {
  const text = readFileSync(new URL('../../../../config.sample.yaml', import.meta.url), 'utf8');
  expect(parseConfig('config.sample.yaml', text).faults.map(faultText)).toEqual([]);
});
