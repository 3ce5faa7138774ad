import { join } from 'node:path';

/** Where a zone's own API listens; only the zone's user may open it. */
export function adminSocketPath(zoneDir: string): string {
  return join(zoneDir, 'admin.sock');
}
