import { stringify } from 'yaml';
import { parseConfig, type ConfigInput, type Fault } from '#src/config/index.ts';
import { coreGovernance, governance } from '#test/support/governance.ts';

type ZoneInput = ConfigInput['zones'][number];

let ports = 0;

/** A zone that is faultless by itself, with ports that no other zone of the test has. */
export function zone(name: string, kind: ZoneInput['kind'], more: Partial<ZoneInput> = {}): ZoneInput {
  const min = 20_000 + (ports++ % 400) * 100;
  const guests = { ...governance.guests, model: 'deny' as const };
  return {
    ...{ name, kind, ...(kind === 'core' ? coreGovernance : { ...governance, guests }) },
    domains: [`${name}.example`],
    tls: { certificate: 'a.pem', key: 'a.key' },
    media: { address: '127.0.0.1', ports: { min, max: min + 20 }, webrtc_port: min + 50 },
    rooms: [{ name: 'welcome' }],
    ...more,
  };
}

/** What is told of these zones; each with the text of its line in front, so that a test sees where it is told. */
export function faultsOf(zones: readonly ZoneInput[], more: Partial<ConfigInput> = {}): readonly string[] {
  const text = stringify({ zones, ...more }, { aliasDuplicateObjects: false });
  const lines = text.split('\n');
  const told = ({ line = 0, message }: Fault): string => `${lines[line - 1]?.trim() ?? ''} | ${message}`;
  return parseConfig('z.yaml', text).faults.map(told);
}
