import { X509Certificate } from 'node:crypto';
import { chown, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ipc, parentPort } from '#kernel/index.ts';
import type { TestCaRequest, TestCertificateOrder } from './contract.ts';
import { alternativeNamesText, createTestCa, issueCertificate, type PemPair } from './issue.ts';

/** The test CA in a process of its own that lives for one request, so that no key is ever in the supervisor. */
const renewBeforeMs = 30 * 86_400_000;
const ipc = new Ipc(parentPort(), { issue });
process.title = 'zonebridge-test-ca';
process.once('disconnect', () => {
  ipc.close();
});

async function issue({ caFolder, orders }: TestCaRequest): Promise<string> {
  await mkdir(caFolder, { recursive: true, mode: 0o755 });
  const caFile = join(caFolder, 'ca.pem');
  const keyFile = join(caFolder, 'ca-key.pem');
  let ca = await readPair(caFile, keyFile);
  if (ca === undefined || expiresSoon(new X509Certificate(ca.certificate))) {
    ca = await createTestCa();
    await replace(keyFile, ca.key, 0o600);
    await replace(caFile, ca.certificate, 0o644);
  }
  for (const order of orders) await fulfil(ca, order);
  return caFile;
}

async function fulfil(ca: PemPair, { domains, folder, user }: TestCertificateOrder): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  const present = await readPair(files.certificate, files.key);
  if (present === undefined || !fits(present, ca, domains)) {
    const { certificate, key } = await issueCertificate(ca, domains);
    await replace(files.key, key, 0o600);
    // With the CA's own certificate, so that a client shows all of the chain to its user.
    await replace(files.certificate, certificate + ca.certificate, 0o644);
  }
  if (user === undefined) return;
  for (const path of [folder, ...Object.values(files)]) await chown(path, user.uid, user.gid);
}

function fits(present: PemPair, ca: PemPair, domains: readonly string[]): boolean {
  const certificate = new X509Certificate(present.certificate);
  return (
    !expiresSoon(certificate) &&
    certificate.subjectAltName === alternativeNamesText(domains) &&
    certificate.verify(new X509Certificate(ca.certificate).publicKey)
  );
}

function expiresSoon({ validTo }: X509Certificate): boolean {
  return Date.parse(validTo) - Date.now() < renewBeforeMs;
}

/** Undefined when either is not there. */
async function readPair(certificateFile: string, keyFile: string): Promise<PemPair | undefined> {
  try {
    const [certificate, key] = await Promise.all([
      readFile(certificateFile, 'utf8'),
      readFile(keyFile, 'utf8'),
    ]);
    return { certificate, key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function replace(path: string, content: string, mode: number): Promise<void> {
  const partial = `${path}.new`;
  await writeFile(partial, content, { mode });
  await rename(partial, path);
}
