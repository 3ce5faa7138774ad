import { isMap, isScalar, isSeq, parseDocument, stringify, type YAMLSeq } from 'yaml';
import { ZonebridgeError } from '#kernel/index.ts';
import { configInvalid } from './fault.ts';
import { parseConfig } from './load.ts';
import { portClaims } from './portClaims.ts';
import type { Config, ConfigInput } from './schema.ts';

export interface NewZone {
  readonly name: string;
  readonly kind: 'core' | 'meetme' | 'external';
  readonly domain: string;
  /** Where its media is received. */
  readonly address: string;
  /** Who answers for its guest policy. */
  readonly owner: string;
  /** Until when that must be looked at again; a day as 2026-12-31. */
  readonly reviewBy: string;
  /** Public keys that its call records are sealed for. */
  readonly recipients: readonly string[];
  /** Where the owner's own people are; a core zone must say it. */
  readonly networks: readonly string[];
}

type ZoneInput = ConfigInput['zones'][number];

const firstMediaPort = 30_000;
const mediaPortsPerZone = 1_000;
const emptyFile =
  '# Configuration of zonebridge. config.sample.yaml shows every key; `zonebridge check` says what is wrong.\nzones:\n';

/**
 * The text of a configuration with one zone more, with media ports that no other zone in it has. All that was there stays as it
 * is, comments too. `text` is undefined for a file that is still to be made. Throws `config-invalid`.
 */
export function addZone(file: string, text: string | undefined, zone: NewZone): string {
  const present = text === undefined ? undefined : faultless(file, text);
  const stanza = stringify([zoneOf(zone, present)], { flowCollectionPadding: true, lineWidth: 0 });
  const added = text === undefined ? emptyFile + indented(stanza, 2) : inserted(file, text, stanza);
  const { faults } = parseConfig(file, added);
  if (faults.length > 0) throw configInvalid(faults);
  return added;
}

function faultless(file: string, text: string): Config {
  const { config, faults } = parseConfig(file, text);
  if (config === undefined) throw configInvalid(faults);
  return config;
}

/** Where `zone add` puts the policy of a zone, beside the configuration. */
export function newPolicyFile(name: string): string {
  return `${name}.policy.cedar`;
}

function zoneOf(zone: NewZone, present: Config | undefined): ZoneInput {
  const { name, kind, domain, address, owner, reviewBy, recipients, networks } = zone;
  const min = freeMediaPorts(present);
  const max = min + mediaPortsPerZone - 2;
  return {
    name,
    kind,
    ...(networks.length === 0 ? {} : { networks: [...networks] }),
    guests: { model: 'deny', owner, review_by: reviewBy },
    policy: { file: newPolicyFile(name) },
    records: { recipients: [...recipients] },
    domains: [domain],
    tls: { certificate: `tls/${name}.pem`, key: `tls/${name}.key` },
    media: { address, ports: { min, max }, webrtc_port: max + 1 },
    rooms: [{ name: 'welcome' }],
  };
}

function freeMediaPorts(config: Config | undefined): number {
  const claims = config === undefined ? [] : portClaims(config.listener, config.zones);
  for (let start = firstMediaPort; start + mediaPortsPerZone <= 65_535; start += mediaPortsPerZone) {
    const end = start + mediaPortsPerZone - 1;
    if (!claims.some(({ min, max }) => min <= end && start <= max)) return start;
  }
  throw new ZonebridgeError('unavailable', 'no block of 1,000 media ports is free; write the zone by hand');
}

/** Below the last zone, indented as the others are. */
function inserted(file: string, text: string, stanza: string): string {
  const zones = zonesOf(text);
  const first = zones?.items[0];
  const last = zones?.items.at(-1);
  if (zones === undefined || zones.flow === true || !isMap(first) || !isMap(last)) {
    throw new ZonebridgeError('config-invalid', `${file}: zones must be a list of lines that begin with "-"`);
  }
  const [start] = first.range ?? [0];
  const lineStart = text.lastIndexOf('\n', start) + 1;
  const column = text.slice(lineStart, start).indexOf('-');
  const [, end] = last.range ?? [0, text.length];
  const lineEnd = text.indexOf('\n', Math.max(end - 1, 0));
  const before = lineEnd === -1 ? `${text}\n` : text.slice(0, lineEnd + 1);
  return `${before}\n${indented(stanza, Math.max(column, 0))}${text.slice(before.length)}`;
}

function zonesOf(text: string): YAMLSeq | undefined {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) return undefined;
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === 'zones');
  return isSeq(pair?.value) ? pair.value : undefined;
}

function indented(text: string, columns: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(columns));
}
