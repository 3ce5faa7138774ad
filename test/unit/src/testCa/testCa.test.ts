import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { issueTestCertificates } from '#src/testCa/index.ts';
import { createTestCa, issueCertificate } from '#src/testCa/issue.ts';

const dayMs = 86_400_000;

test('a certificate names its domains as servers, as addresses and as SIP domains', async () => {
  const ca = await createTestCa();
  const { certificate, key } = await issueCertificate(ca, ['meetme.localhost', '127.0.0.1', '::1']);
  const leaf = new X509Certificate(certificate);
  expect(leaf.subjectAltName).toBe(
    'DNS:meetme.localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, URI:sip:meetme.localhost',
  );
  expect(leaf.checkIssued(new X509Certificate(ca.certificate))).toBe(true);
  expect(leaf.verify(new X509Certificate(ca.certificate).publicKey)).toBe(true);
  expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBeLessThanOrEqual(398 * dayMs);
});

test('the CA is one, and every CA is another', async () => {
  const [one, other] = await Promise.all([createTestCa(), createTestCa()]);
  expect(new X509Certificate(one.certificate).ca).toBe(true);
  expect(new X509Certificate(one.certificate).subject).not.toBe(
    new X509Certificate(other.certificate).subject,
  );
});

test('certificates are made once, again for other domains, and anew when a file is lost', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-ca-'));
  const files = { certificate: join(folder, 'zone/certificate.pem'), key: join(folder, 'zone/key.pem') };
  const issue = async (domains: readonly string[]): Promise<string> => {
    const ca = await issueTestCertificates({
      caFolder: join(folder, 'ca'),
      orders: [{ domains, folder: join(folder, 'zone') }],
    });
    expect(ca).toBe(join(folder, 'ca', 'ca.pem'));
    return readFile(files.certificate, 'utf8');
  };
  try {
    const first = await issue(['a.localhost']);
    expect(await issue(['a.localhost'])).toBe(first);
    const second = await issue(['a.localhost', 'b.localhost']);
    expect(second).not.toBe(first);
    await rm(files.key);
    const third = await issue(['a.localhost', 'b.localhost']);
    expect(third).not.toBe(second);
    await rm(join(folder, 'ca', 'ca-key.pem'));
    expect(await issue(['a.localhost', 'b.localhost'])).not.toBe(third);
    for (const path of [files.key, join(folder, 'ca', 'ca-key.pem')]) {
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }
    await writeFile(files.certificate, 'damaged');
    await expect(issue(['a.localhost'])).rejects.toThrow();
  } finally {
    await rm(folder, { recursive: true });
  }
});
