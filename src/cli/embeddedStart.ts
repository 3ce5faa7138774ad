import { resolve } from 'node:path';
import {
  PortBlock,
  chooseCoreSipPort,
  configSchema,
  embeddedDefault,
  testCertificateFolder,
  writeDefaultPolicy,
  type Config,
  type PortOverrides,
} from '../config/index.ts';
import type { ZonePlan } from '../supervisor/index.ts';
import { issueTestCertificates } from '../testCa/index.ts';

const yearMs = 365 * 86_400_000;

/** The embedded default on ports that are free now; its media ports stay claimed as long as `resources` lives. */
export async function embeddedConfigOf(
  { sipPort = 5061, httpsPort = 8443 }: PortOverrides,
  dataDir: string,
  recipient: string,
  resources: AsyncDisposableStack,
): Promise<Config> {
  const block = resources.use(await PortBlock.claim('127.0.0.1', sipPort));
  const ports = {
    sip: sipPort,
    https: httpsPort,
    coreSip: await chooseCoreSipPort(sipPort, httpsPort),
    media: { core: block.zone(0), meetme: block.zone(1) },
  };
  const reviewBy = new Date(Date.now() + yearMs).toISOString().slice(0, 10);
  return configSchema.parse(embeddedDefault(dataDir, ports, { recipient, reviewBy }));
}

/** Gives its zones what an administrator would: a policy and a certificate each. Returns the path of the test CA's own. */
export async function furnish(plans: readonly ZonePlan[], dataDir: string): Promise<string> {
  for (const { start, user } of plans) await writeDefaultPolicy(start.config, user);
  const orders = plans.map(({ start: { config }, user }) => ({
    // A zone with a port of its own can be dialled by its address.
    domains: [...new Set([...config.domains, ...config.listen.map(({ address }) => address)])],
    folder: testCertificateFolder(dataDir, config.name),
    ...(user === undefined ? {} : { user }),
  }));
  return issueTestCertificates({ caFolder: resolve(dataDir, 'test-ca'), orders });
}
