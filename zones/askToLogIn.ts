import { termination, type Termination } from '#kernel/index.ts';
import type { Call } from '#signaling/call.ts';
import type { ZoneConfig } from './config/schema.ts';
import { loginPath } from './identity/oidc/index.ts';

/** In a browser, where the zone has a login: he comes back with evidence of who he is. A refusal then, or nothing where none can be asked for. */
export async function askToLogIn(
  { identity }: Pick<ZoneConfig, 'identity'>,
  call: Call,
): Promise<Termination | undefined> {
  if (identity.oidc === undefined || call.pass === undefined || call.origin.person !== undefined)
    return undefined;
  await call.pass({ kind: 'login', path: loginPath(call.room) });
  return termination('identity-missing', 'not without a login');
}
