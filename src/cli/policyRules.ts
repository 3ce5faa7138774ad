import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import { certificateEvidence, LocalRules, type Asked, type SystemShown } from '#zones/index.ts';
import { configInvalid, loadConfig } from '../config/index.ts';
import { zoneAddresses } from '../zoneAddresses.ts';

/** The rules of a zone of a configuration file. Throws `config-invalid` with every fault, or `not-found`. */
export async function loadRules(configFile: string, zoneName: string): Promise<LocalRules> {
  const { config, faults } = await loadConfig(configFile);
  if (config === undefined) throw configInvalid(faults);
  const zone = config.zones.find(({ name }) => name === zoneName);
  if (zone === undefined) {
    const names = config.zones.map(({ name }) => name).join(', ');
    throw new ZonebridgeError('not-found', `${configFile} has no zone ${zoneName}; it has ${names}`);
  }
  const file = relative('', zone.policy.file);
  const text = await read(zone.policy.file);
  const linkedDomains = zoneAddresses(config, zone).linked.flatMap(({ domains }) => domains);
  return new LocalRules({ zone, linkedDomains, policy: { file, text: text.toString() } });
}

/** What a client certificate of a file is worth in the zone; nothing without one. */
export async function shownBy(rules: LocalRules, { certificate, at }: Asked): Promise<SystemShown> {
  if (certificate === undefined) return {};
  const { client_ca: clientCa } = rules.rules.zone.tls;
  const ca = clientCa === undefined ? [] : [await read(clientCa)];
  return certificateEvidence(certificate, await read(certificate), { ca, atMs: Date.parse(at) });
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ZonebridgeError('config-invalid', `${file} cannot be read`, { cause });
  }
}
