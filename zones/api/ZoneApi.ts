import { chmod, rm } from 'node:fs/promises';
import { z } from 'zod';
import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import {
  Closable,
  ZonebridgeError,
  errorCodeOf,
  errorText,
  type ErrorCode,
  type Log,
} from '#kernel/index.ts';
import type { ZoneFigures, ZoneSource } from './ZoneFigures.ts';

/** `sun_path` of unix(7), without the zero at its end. */
const maxPathBytes = 107;

export interface ZoneApiOptions {
  /** Of the socket. */
  readonly path: string;
  readonly zone: ZoneSource & {
    snapshot(room: string, view: string): Promise<Uint8Array>;
    /** Calls somebody into a room; a sentence says what came of it. Throws `not-found` for an unknown room. */
    dial(room: string, uri: string): Promise<string>;
  };
  readonly figures: ZoneFigures;
  readonly log: Log;
}

const dialSchema = z.strictObject({ uri: z.string().min(1).max(256) });

const statuses = {
  'config-invalid': 500,
  'invalid-argument': 400,
  'bad-message': 400,
  'bad-description': 400,
  'not-acceptable': 406,
  'not-found': 404,
  forbidden: 403,
  busy: 503,
  timeout: 504,
  unreachable: 503,
  closed: 503,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

/**
 * What a zone tells its own administrator: HTTP on a socket in the zone's folder, which no other zone's user can reach. Its
 * errors are JSON, `{ error, message }`.
 */
export class ZoneApi extends Closable {
  readonly #app: FastifyInstance;
  readonly #path: string;

  /** Throws `unavailable` when the socket cannot be opened. */
  static async create(options: ZoneApiOptions): Promise<ZoneApi> {
    await using stack = new AsyncDisposableStack();
    const api = stack.use(new ZoneApi(options));
    await api.#listen();
    stack.move();
    return api;
  }

  private constructor({ path, zone, figures, log }: ZoneApiOptions) {
    super();
    this.#path = path;
    this.#app = fastify({ forceCloseConnections: true, requestTimeout: 10_000 });
    this.#app.setErrorHandler<FastifyError>((error, _request, reply) => {
      const code = errorCodeOf(error);
      const status = error instanceof ZonebridgeError ? statuses[code] : (error.statusCode ?? 500);
      log.debug({ error: errorText(error) }, 'an administrator’s request failed');
      return reply.status(status).send({ error: code, message: errorText(error) });
    });
    this.#app.setNotFoundHandler(({ url }) => {
      throw new ZonebridgeError('not-found', `there is nothing at ${url}`);
    });
    this.#app.get('/metrics', async (_request, reply) =>
      reply.type(figures.contentType).send(await figures.text(zone)),
    );
    this.#app.get('/rooms', (_request, reply) => reply.send({ rooms: zone.use }));
    this.#app.post<{ Params: { room: string }; Body: unknown }>(
      '/rooms/:room/dial',
      async (request, reply) => {
        const body = dialSchema.safeParse(request.body);
        if (!body.success) {
          throw new ZonebridgeError('invalid-argument', 'the body must be {"uri": "sips:name@example.org"}');
        }
        return reply.send({ result: await zone.dial(request.params.room, body.data.uri) });
      },
    );
    this.#app.get<{ Params: { room: string; view: string } }>(
      '/rooms/:room/views/:view.jpg',
      async ({ params: { room, view } }, reply) =>
        reply
          .type('image/jpeg')
          .header('cache-control', 'no-store')
          .send(Buffer.from(await zone.snapshot(room, view))),
    );
  }

  protected async release(): Promise<void> {
    await this.#app.close();
    await rm(this.#path, { force: true });
  }

  async #listen(): Promise<void> {
    const path = this.#path;
    if (Buffer.byteLength(path) > maxPathBytes) {
      const message = `${path} is longer than the ${maxPathBytes} bytes that a socket's path may have; choose a data folder with a shorter one`;
      throw new ZonebridgeError('unavailable', message);
    }
    // What a killed process left.
    await rm(path, { force: true });
    await this.#app.listen({ path }).catch((error: unknown) => {
      throw new ZonebridgeError('unavailable', `${path} cannot be opened`, { cause: error });
    });
    await chmod(path, 0o600);
  }
}
