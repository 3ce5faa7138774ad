import { createPrivateKey, X509Certificate } from 'node:crypto';
import { access, constants, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ZonebridgeError, errorText } from '#kernel/index.ts';

/** PEM files of a TLS identity, by absolute path. */
export interface CertificatePaths {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa?: string;
  /** CAs of the peers that are called. Absent: those of the system. */
  readonly peerCa?: string;
  /** Certificate revocation lists (RFC 5280 §5), any number in a file, for the certificates of clients and of peers that are called. */
  readonly crls?: readonly string[];
}

export interface Credentials {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Who may sign client certificates; empty means that none is taken as verified. */
  readonly ca: readonly Buffer[];
  /** Who may sign the certificates of peers that are called; absent: the CAs of the system. */
  readonly peerCa?: Buffer;
  /** One list each. With any, a certificate without a current list of its issuer is not taken as verified. */
  readonly crls: readonly Buffer[];
}

/** What is wrong with a file, or what will be: `unreadable` may be the reader's fault, a `warning` stops nothing. */
export interface CertificateFault {
  readonly part: 'certificate' | 'key' | 'clientCa';
  readonly kind: 'fault' | 'unreadable' | 'warning';
  readonly message: string;
}

const warnBeforeMs = 14 * 86_400_000;

/** All that can be said about the files before they are used. */
export async function inspectCertificates(
  paths: CertificatePaths,
  domains: readonly string[],
): Promise<readonly CertificateFault[]> {
  const faults: CertificateFault[] = [];
  for (const part of ['certificate', 'key', 'clientCa'] as const) {
    const path = paths[part];
    if (path === undefined) continue;
    await access(path, constants.R_OK).catch((error: unknown) => {
      const kind = (error as NodeJS.ErrnoException).code === 'EACCES' ? 'unreadable' : 'fault';
      faults.push({ part, kind, message: unreadableText(path, error) });
    });
  }
  if (faults.length > 0) return faults;
  try {
    return certificateWarnings((await readCredentials(paths)).cert, domains);
  } catch (error) {
    return [{ part: 'certificate', kind: 'fault', message: errorText(error) }];
  }
}

/** A certificate that clients will not take, or not for long. */
export function certificateWarnings(cert: Buffer, domains: readonly string[]): readonly CertificateFault[] {
  const certificate = new X509Certificate(cert);
  const foreign = domains.filter((domain) =>
    isIP(domain) === 0
      ? certificate.checkHost(domain) === undefined
      : certificate.checkIP(domain) === undefined,
  );
  const messages = foreign.map((domain) => `the certificate does not name ${domain}`);
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (from > Date.now()) messages.push(`the certificate is not valid before ${certificate.validFrom}`);
  if (to < Date.now()) messages.push(`the certificate has expired: ${certificate.validTo}`);
  else if (to < Date.now() + warnBeforeMs)
    messages.push(`the certificate expires soon: ${certificate.validTo}`);
  return messages.map((message) => ({ part: 'certificate', kind: 'warning', message }));
}

/** Reads and checks the files. Throws `config-invalid` with the file and what is wrong with it. */
export async function readCredentials(paths: CertificatePaths): Promise<Credentials> {
  const [cert, key, clientCa, peerCa, crls] = await Promise.all([
    readPem(paths.certificate),
    readPem(paths.key),
    paths.clientCa === undefined ? undefined : readPem(paths.clientCa),
    paths.peerCa === undefined ? undefined : readPem(paths.peerCa),
    Promise.all((paths.crls ?? []).map(readCrls)),
  ]);
  const certificate = attempt(paths.certificate, 'holds no certificate', () => new X509Certificate(cert));
  const privateKey = attempt(paths.key, 'holds no private key without a passphrase', () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ZonebridgeError('config-invalid', `${paths.key} is not the key of ${paths.certificate}`);
  }
  const credentials = {
    ...{ cert, key, ca: clientCa === undefined ? [] : [clientCa], crls: crls.flat() },
    ...(peerCa === undefined ? {} : { peerCa }),
  };
  attempt(paths.clientCa ?? paths.certificate, 'cannot be used for TLS', () =>
    createSecureContext(contextOptions(credentials)),
  );
  attempt(paths.peerCa ?? paths.certificate, 'cannot be used for TLS', () =>
    createSecureContext(clientOptions(credentials)),
  );
  return credentials;
}

/** An empty `ca` keeps Node from trusting the CAs of the public web for client certificates. */
export function contextOptions({ cert, key, ca, crls }: Credentials): SecureContextOptions {
  return { cert, key, ca: [...ca], ...(crls.length === 0 ? {} : { crl: [...crls] }), minVersion: 'TLSv1.2' };
}

/** For connections that we open: who we are, and whose certificates we take. */
export function clientOptions({ cert, key, peerCa, crls }: Credentials): SecureContextOptions {
  return {
    ...{ cert, key },
    ...(peerCa === undefined ? {} : { ca: peerCa }),
    ...(crls.length === 0 ? {} : { crl: [...crls] }),
  };
}

/** One by one, because OpenSSL's reader, as Node calls it, takes the first list of a file only. */
async function readCrls(path: string): Promise<Buffer[]> {
  const lists = (await readPem(path))
    .toString('latin1')
    .match(/-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/g);
  if (lists === null) throw new ZonebridgeError('config-invalid', `${path} holds no CRL in PEM form`);
  return lists.map((list) => Buffer.from(`${list}\n`));
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ZonebridgeError('config-invalid', unreadableText(path, error));
  }
}

function unreadableText(path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `${path} is not there`;
  return code === 'EACCES' ? `${path} may not be read by this user` : `${path}: ${errorText(error)}`;
}

function attempt<T>(path: string, fault: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new ZonebridgeError('config-invalid', `${path} ${fault}`, { cause: error });
  }
}
