import { request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { ZonebridgeError } from '#kernel/index.ts';
import { adminSocketPath } from '#zones/index.ts';

const errorSchema = z.looseObject({ message: z.string() });
/** A call may ring for a minute. */
const deadlineMs = 75_000;

/**
 * Asks the own API of a running zone, on the socket in the zone's folder. Throws `unreachable` when no such zone runs there, or
 * this user may not ask it, and `not-found` with what the zone says.
 */
export async function askZone(dataDir: string, zone: string, path: string, body?: object): Promise<Buffer> {
  const socketPath = adminSocketPath(join(dataDir, 'zones', zone));
  const { status, body: answer } = await send(socketPath, path, body).catch((error: unknown) => {
    throw new ZonebridgeError(
      'unreachable',
      `no zone ${zone} answers at ${socketPath}; is it running, with this --data, and are you its user or root?`,
      { cause: error },
    );
  });
  if (status === 200) return answer;
  const { message } = errorSchema.parse(JSON.parse(answer.toString()));
  throw new ZonebridgeError(status === 404 ? 'not-found' : 'unavailable', message);
}

async function send(
  socketPath: string,
  path: string,
  content: object | undefined,
): Promise<{ status: number | undefined; body: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: Buffer }>();
  const signal = AbortSignal.timeout(deadlineMs);
  const method = content === undefined ? 'GET' : 'POST';
  const headers = content === undefined ? {} : { 'content-type': 'application/json' };
  request({ socketPath, path, method, headers, signal, agent: false }, (response) => {
    buffer(response).then((body) => resolve({ status: response.statusCode, body }), reject);
  })
    .once('error', reject)
    .end(content === undefined ? undefined : JSON.stringify(content));
  return promise;
}
