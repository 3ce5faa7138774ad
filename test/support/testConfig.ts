import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  PortBlock,
  embeddedDefault,
  testCertificateFolder,
  writeDefaultPolicy,
  type ConfigInput,
} from '#src/config/index.ts';
import { issueTestCertificates } from '#src/testCa/index.ts';
import { testRecipient } from './governance.ts';
import { freePort } from './ports.ts';

export type ChangeConfig = (zone: ConfigInput['zones'][number]) => void;

/**
 * A configuration file like the embedded default, of which `change` has changed each zone, with certificates of a test CA, and the
 * default policy of each zone. Records are for `testOwnerIdentity`. Returns both paths.
 */
export async function writeTestConfig(
  dataDir: string,
  { sipPort, httpsPort }: { readonly sipPort: number; readonly httpsPort: number },
  change: ChangeConfig,
): Promise<{ readonly file: string; readonly ca: string }> {
  await using block = await PortBlock.claim('127.0.0.1', sipPort);
  const media = { core: block.zone(0), meetme: block.zone(1) };
  const ports = { sip: sipPort, https: httpsPort, coreSip: await freePort(), media };
  const config = embeddedDefault(dataDir, ports, { recipient: testRecipient, reviewBy: '2099-12-31' });
  for (const zone of config.zones) change(zone);
  for (const zone of config.zones) await writeDefaultPolicy(zone);
  const ca = await issueTestCertificates({
    caFolder: join(dataDir, 'test-ca'),
    orders: config.zones.map(({ name, domains }) => ({
      domains,
      folder: testCertificateFolder(dataDir, name),
    })),
  });
  const file = join(dataDir, 'zonebridge.yaml');
  // Test certificates are of this user, who may be root.
  await writeFile(file, stringify({ ...config, zone_user: 'same' }));
  return { file, ca };
}
