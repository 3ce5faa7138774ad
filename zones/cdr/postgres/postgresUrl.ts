import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { ZonebridgeError } from '#kernel/index.ts';

/**
 * The address of a database, from the first line of its file. Over a network only with TLS and a server that proves its name. Throws
 * `config-invalid`; the text never quotes the address, which may hold a password.
 */
export async function postgresUrl(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ZonebridgeError('config-invalid', `${path} (records.postgres_url_file) cannot be read`, {
      cause,
    });
  });
  const line = text.split('\n', 1)[0]?.trim() ?? '';
  const url = URL.canParse(line) ? new URL(line) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new ZonebridgeError(
      'config-invalid',
      `${path} must hold one line such as postgres://user:password@host/database?sslmode=verify-full`,
    );
  }
  if (!isLocal(url) && url.searchParams.get('sslmode') !== 'verify-full') {
    throw new ZonebridgeError(
      'config-invalid',
      `${path}: a database on another host needs sslmode=verify-full (and sslrootcert=FILE for a CA of your own)`,
    );
  }
  return line;
}

/** A Unix socket, or this machine. */
function isLocal(url: URL): boolean {
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, '');
  if (host === '' || host === 'localhost' || host.startsWith('/')) return true;
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1';
}
