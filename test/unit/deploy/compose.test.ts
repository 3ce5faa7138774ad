import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema } from '#src/config/index.ts';

const serviceSchema = z.looseObject({
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.object({ ipv4_address: z.ipv4() }))]),
  cap_drop: z.array(z.string()),
});

const compose = z
  .looseObject({ services: z.record(z.string(), serviceSchema), volumes: z.record(z.string(), z.null()) })
  .parse(
    parse(readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8'), { merge: true }),
  );

function service(name: string): z.infer<typeof serviceSchema> {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

function common(one: readonly string[], other: readonly string[]): readonly string[] {
  return one.filter((entry) => other.includes(entry));
}

test('the two zones share no network, no volume and no port', () => {
  const [core, meetme] = [service('core'), service('meetme')];
  const networks = (of: typeof core): readonly string[] =>
    Array.isArray(of.networks) ? of.networks : Object.keys(of.networks);
  expect(networks(core)).toHaveLength(1);
  expect(common(networks(core), networks(meetme))).toEqual([]);
  const sources = (of: typeof core): readonly string[] =>
    of.volumes.map((volume) => volume.split(':')[0] ?? '');
  expect(common(sources(core), sources(meetme))).toEqual([]);
  expect(common(core.ports, meetme.ports)).toEqual([]);
});

test('every container runs without capabilities', () => {
  for (const name of Object.keys(compose.services)) expect(service(name).cap_drop).toEqual(['ALL']);
});

test.each(['core', 'meetme'])('the configuration of %s is valid and fits its container', (name) => {
  const text = readFileSync(new URL(`../../../deploy/${name}/zonebridge.yaml`, import.meta.url), 'utf8');
  const [zone, ...others] = configSchema.parse(parse(text)).zones;
  expect(others).toEqual([]);
  expect(zone?.name).toBe(name);
  const front = service('front').networks;
  expect(zone?.proxy_protocol).toEqual([Array.isArray(front) ? undefined : front[name]?.ipv4_address]);
  const { ports, webrtc_port: webrtcPort } = zone?.media ?? {};
  const range = `${ports?.min ?? 0}-${ports?.max ?? 0}`;
  expect(service(name).ports).toEqual([
    `${range}:${range}/udp`,
    `${webrtcPort ?? 0}:${webrtcPort ?? 0}/udp`,
    `${webrtcPort ?? 0}:${webrtcPort ?? 0}/tcp`,
  ]);
});

test('the table of cases of meetme holds', async () => {
  const folder = fileURLToPath(new URL('../../../deploy/meetme', import.meta.url));
  const place = await mkdtemp(join(tmpdir(), 'zonebridge-deploy-'));
  try {
    const config = join(place, 'zonebridge.yaml');
    const text = await readFile(join(folder, 'zonebridge.yaml'), 'utf8');
    // The container has the folder there.
    await writeFile(config, text.replaceAll('/etc/zonebridge', folder));
    const { stdout } = await promisify(execFile)(process.execPath, [
      'src/main.ts',
      ...['policy', 'test', join(folder, 'policy-cases.yaml'), '--config', config],
    ]);
    expect(stdout).toMatch(/\n5 passed, 0 failed\n$/);
  } finally {
    await rm(place, { recursive: true });
  }
});
