import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createLog } from '#kernel/index.ts';
import { inspectCertificates, type CertificatePaths } from '#signaling/tls/index.ts';
import { CertificateWatch } from '#signaling/tls/CertificateWatch.ts';
import { createTestCa, issueCertificate } from '#src/testCa/issue.ts';
import { Certificates } from '#test/support/Certificates.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { TlsStage } from './TlsStage.ts';

function serial(socket: TLSSocket): string {
  return socket.getPeerCertificate().serialNumber;
}

test('a renewed certificate is used for new connections, and old ones go on', async () => {
  await using stage = await TlsStage.start();
  const { client: old } = await stage.meet();
  await stage.renew(['meetme.localhost']);
  await waitFor('the new certificate', async () => {
    const { client } = await stage.meet();
    return serial(client) !== serial(old);
  });
  old.write('still here');
  await stage.meet();
  expect(old.destroyed).toBe(false);
});

function pathsOf(stage: TlsStage): CertificatePaths {
  return { certificate: join(stage.folder, 'certificate.pem'), key: join(stage.folder, 'key.pem') };
}

test('a broken certificate is not used; the old one stays until a good one comes', async () => {
  await using stage = await TlsStage.start();
  const paths = pathsOf(stage);
  await using watch = await CertificateWatch.create({ paths, log: createLog('silent'), settleMs: 10 });
  const before = watch.current;
  const changed = Promise.withResolvers<undefined>();
  watch.onChange(() => changed.resolve(undefined));
  await writeFile(paths.certificate, 'no certificate');
  const { client } = await stage.meet();
  expect(watch.current).toBe(before);
  const next = await issueCertificate(stage.ca, ['meetme.localhost']);
  await writeFile(`${paths.key}.new`, next.key);
  await writeFile(`${paths.certificate}.new`, next.certificate);
  await rename(`${paths.key}.new`, paths.key);
  await rename(`${paths.certificate}.new`, paths.certificate);
  await changed.promise;
  expect(watch.current.cert.toString()).toBe(next.certificate);
  client.destroy();
  await once(client, 'close');
});

test('changes are found by reading, too, where the file system does not tell', async () => {
  await using stage = await TlsStage.start();
  const paths = pathsOf(stage);
  await using watch = await CertificateWatch.create({
    paths,
    log: createLog('silent'),
    pollMs: 20,
    settleMs: 1,
  });
  const changed = Promise.withResolvers<undefined>();
  watch.onChange(() => changed.resolve(undefined));
  await stage.renew(['meetme.localhost']);
  await changed.promise;
});

test('what is wrong with certificate files is told by file', async () => {
  await using stage = await TlsStage.start();
  const paths = pathsOf(stage);
  expect(await inspectCertificates(paths, ['meetme.localhost'])).toEqual([]);
  const missing = { ...paths, key: join(stage.folder, 'nowhere.pem') };
  expect(await inspectCertificates(missing, [])).toEqual([
    { part: 'key', kind: 'fault', message: `${missing.key} is not there` },
  ]);
  expect(await inspectCertificates(paths, ['other.example', '192.0.2.1'])).toMatchObject([
    { kind: 'warning', message: 'the certificate does not name other.example' },
    { kind: 'warning', message: 'the certificate does not name 192.0.2.1' },
  ]);
});

test('a key of another certificate is a fault, for inspection and for use', async () => {
  await using stage = await TlsStage.start();
  const paths = pathsOf(stage);
  await writeFile(paths.key, (await createTestCa()).key);
  const [fault] = await inspectCertificates(paths, []);
  expect(fault).toMatchObject({ kind: 'fault' });
  expect(fault?.message).toContain('is not the key of');
  await expect(CertificateWatch.create({ paths, log: createLog('silent') })).rejects.toMatchObject({
    code: 'config-invalid',
  });
});

test('a revocation list that runs out is told a day before, and when it has', async () => {
  await using stage = await TlsStage.start();
  await using authority = await Certificates.create('ca');
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const told = (): readonly unknown[] => lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg);
  const soon = 'a revocation list runs out soon; bring the next';
  await authority.writeList('ca', 3);
  const paths = { ...pathsOf(stage), crls: [authority.path('ca.crl')] };
  await using watch = await CertificateWatch.create({ paths, log, pollMs: 20, settleMs: 1 });
  expect(told()).toEqual([soon]);
  await waitFor('the end of the list', () => lines.length > 1);
  expect(told()).toEqual([soon, 'a revocation list has run out']);
  const changed = Promise.withResolvers<undefined>();
  watch.onChange(() => changed.resolve(undefined));
  await authority.writeList('ca');
  await changed.promise;
  expect(told().slice(2)).toEqual(['the new certificate is in use']);
});
