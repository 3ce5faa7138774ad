import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { Closable, ZonebridgeError, errorText, type Log } from '#kernel/index.ts';

const commandSchema = z.strictObject({ command: z.literal('drain'), zone: z.string() });
const answerSchema = z.union([
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), message: z.string() }),
]);

/** What may be asked of a running program, by its own user: one JSON value each way, ended by closing the writing side. */
export type ControlCommand = z.infer<typeof commandSchema>;
type ControlAnswer = z.infer<typeof answerSchema>;

const maxCommandBytes = 4_096;

/** The way in for `zonebridge zone drain`: a socket in the data folder that only its owner may open. */
export class ControlSocket extends Closable {
  readonly #server: Server;
  readonly #path: string;

  /** Throws `unavailable` when another instance answers there: two must not share a data folder. */
  static async create(
    path: string,
    execute: (command: ControlCommand) => Promise<void>,
    log: Log,
  ): Promise<ControlSocket> {
    if (await isAnswered(path)) {
      throw new ZonebridgeError(
        'unavailable',
        `another zonebridge runs on this data folder: ${path} answers`,
      );
    }
    await rm(path, { force: true });
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', (error) => log.debug({ error: error.message }, 'control connection failed'));
      void answer(socket, execute).then((reply) => socket.end(JSON.stringify(reply)));
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(path, resolve);
    await promise;
    await chmod(path, 0o600);
    return new ControlSocket(server, path);
  }

  private constructor(server: Server, path: string) {
    super();
    this.#server = server;
    this.#path = path;
  }

  protected async release(): Promise<void> {
    this.#server.close();
    await rm(this.#path, { force: true });
  }
}

/** Throws `unreachable` when no program listens there, else what it answers. */
export async function sendControlCommand(path: string, command: ControlCommand): Promise<void> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.end(JSON.stringify(command));
  const reply = await text(socket).catch((error: unknown) => {
    throw new ZonebridgeError(
      'unreachable',
      `no zonebridge answers at ${path}; is it running, with this --data?`,
      {
        cause: error,
      },
    );
  });
  const parsed = answerSchema.parse(JSON.parse(reply));
  if (!parsed.ok) throw new ZonebridgeError('not-found', parsed.message);
}

async function answer(
  socket: Socket,
  execute: (command: ControlCommand) => Promise<void>,
): Promise<ControlAnswer> {
  try {
    await execute(commandSchema.parse(JSON.parse(await readCommand(socket))));
    return { ok: true };
  } catch (error) {
    return { ok: false, message: errorText(error) };
  }
}

/** What comes until the other side ends; the rest of one that is too long is read away, so that the answer arrives. */
function readCommand(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let request = '';
  socket.on('data', (chunk: Buffer) => {
    if (request.length <= maxCommandBytes) request += chunk.toString();
  });
  socket.once('end', () => {
    if (request.length <= maxCommandBytes) resolve(request);
    else reject(new ZonebridgeError('bad-message', 'the command is too long'));
  });
  socket.once('close', () => reject(new ZonebridgeError('closed', 'the other side is gone')));
  return promise;
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
