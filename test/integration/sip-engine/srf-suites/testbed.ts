import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

interface Service {
  readonly command: string;
  readonly networks: { readonly testbed: { readonly ipv4_address: string } };
}

/** One sipp that waits for calls. */
export interface Stage {
  readonly name: string;
  readonly address: string;
  /** `uas-prack.xml` */
  readonly scenario: string;
}

const folder = dirname(createRequire(import.meta.url).resolve('drachtio-srf/test/uas.js'));
const { services } = parse(readFileSync(join(folder, 'docker-compose-testbed.yaml'), 'utf8')) as {
  services: Record<string, Service>;
};

export const scenarioFolder = join(folder, 'scenarios');

/** The Docker network of the suites is 172.29.0.0/16. */
export function inLoopback(text: string): string {
  return text.replaceAll('172.29.0.', '127.29.0.');
}

/** What DNS says in that network. */
export const hosts = new Map(
  Object.entries(services).map(([name, service]) => [
    name,
    inLoopback(service.networks.testbed.ipv4_address),
  ]),
);

/** Those that a suite calls, by name or by address. */
export function stagesIn(suiteFile: string): Stage[] {
  const text = inLoopback(readFileSync(suiteFile, 'utf8'));
  return Object.entries(services).flatMap(([name, { command }]) => {
    const scenario = /^sipp -sf \/tmp\/(\S+)/.exec(command)?.[1];
    const address = hosts.get(name) ?? '';
    const wanted = text.includes(`sip:${name}'`) || text.includes(`'${name}'`) || text.includes(address);
    return scenario !== undefined && wanted ? [{ name, address, scenario }] : [];
  });
}
