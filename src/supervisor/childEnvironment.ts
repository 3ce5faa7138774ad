import { join } from 'node:path';

/** What a zone's process gets of the environment: enough to run, nothing that a shell happened to hold. */
const kept = [
  'PATH',
  'LANG',
  'LC_ALL',
  'TZ',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** `dataDir` is the zone's own folder. */
export function childEnvironment(own: NodeJS.ProcessEnv, dataDir: string): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(kept.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]))),
    // A mixer that comes back must be quick. Zones trust no cache that another user can write.
    NODE_COMPILE_CACHE: join(dataDir, 'compile-cache'),
  };
}
