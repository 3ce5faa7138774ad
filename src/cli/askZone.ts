import { request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { ZonebridgeError } from '#kernel/index.ts';
import { adminSocketPath } from '#zones/index.ts';

const errorSchema = z.looseObject({ message: z.string() });
const deadlineMs = 15_000;

/**
 * Asks the own API of a running zone, on the socket in the zone's folder. Throws `unreachable` when no such zone runs there, or
 * this user may not ask it, and `not-found` with what the zone says.
 */
export async function askZone(dataDir: string, zone: string, path: string): Promise<Buffer> {
  const socketPath = adminSocketPath(join(dataDir, 'zones', zone));
  const { status, body } = await get(socketPath, path).catch((error: unknown) => {
    throw new ZonebridgeError(
      'unreachable',
      `no zone ${zone} answers at ${socketPath}; is it running, with this --data, and are you its user or root?`,
      { cause: error },
    );
  });
  if (status === 200) return body;
  const { message } = errorSchema.parse(JSON.parse(body.toString()));
  throw new ZonebridgeError(status === 404 ? 'not-found' : 'unavailable', message);
}

async function get(socketPath: string, path: string): Promise<{ status: number | undefined; body: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: Buffer }>();
  const signal = AbortSignal.timeout(deadlineMs);
  request({ socketPath, path, signal, agent: false }, (response) => {
    buffer(response).then((body) => resolve({ status: response.statusCode, body }), reject);
  })
    .once('error', reject)
    .end();
  return promise;
}
