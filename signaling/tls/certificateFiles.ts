import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ZonebridgeError, errorText } from '#kernel/index.ts';

/** PEM files of a TLS identity, by absolute path. */
export interface CertificatePaths {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa?: string;
}

export interface Credentials {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Who may sign client certificates; empty means that none is taken as verified. */
  readonly ca: readonly Buffer[];
}

/** Reads and checks the files. Throws `config-invalid` with the file and what is wrong with it. */
export async function readCredentials(paths: CertificatePaths): Promise<Credentials> {
  const [cert, key, clientCa] = await Promise.all([
    readPem(paths.certificate),
    readPem(paths.key),
    paths.clientCa === undefined ? undefined : readPem(paths.clientCa),
  ]);
  const certificate = attempt(paths.certificate, 'holds no certificate', () => new X509Certificate(cert));
  const privateKey = attempt(paths.key, 'holds no private key without a passphrase', () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ZonebridgeError('config-invalid', `${paths.key} is not the key of ${paths.certificate}`);
  }
  const credentials = { cert, key, ca: clientCa === undefined ? [] : [clientCa] };
  attempt(paths.clientCa ?? paths.certificate, 'cannot be used for TLS', () =>
    createSecureContext(contextOptions(credentials)),
  );
  return credentials;
}

/** An empty `ca` keeps Node from trusting the CAs of the public web for client certificates. */
export function contextOptions({ cert, key, ca }: Credentials): SecureContextOptions {
  return { cert, key, ca: [...ca], minVersion: 'TLSv1.2' };
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ZonebridgeError('config-invalid', `${path} cannot be read: ${errorText(error)}`, {
      cause: error,
    });
  }
}

function attempt<T>(path: string, fault: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new ZonebridgeError('config-invalid', `${path} ${fault}`, { cause: error });
  }
}
