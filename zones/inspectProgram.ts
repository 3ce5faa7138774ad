import { Ipc, parentPort } from '#kernel/index.ts';
import { inspectCertificates } from '#signaling/tls/index.ts';
import type { CertificateFinding, InspectRequest } from './contract.ts';

/**
 * Looks at the certificates and keys of zones, in a process of its own that lives for one request: the program that
 * supervises zones must never have read a key.
 */
const ipc = new Ipc(parentPort(), { inspect });
process.title = 'zonebridge-inspect';
process.once('disconnect', () => {
  ipc.close();
});

async function inspect(zones: InspectRequest): Promise<readonly CertificateFinding[]> {
  const findings: CertificateFinding[] = [];
  for (const [zone, { domains, tls }] of zones.entries()) {
    const { certificate, key, client_ca: clientCa } = tls;
    const paths = { certificate, key, ...(clientCa === undefined ? {} : { clientCa }) };
    for (const { part, ...finding } of await inspectCertificates(paths, domains)) {
      findings.push({ zone, ...finding, part: part === 'clientCa' ? 'client_ca' : part });
    }
  }
  return findings;
}
