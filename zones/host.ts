import type { Socket } from 'node:net';
import {
  Ipc,
  ZonebridgeError,
  createLog,
  errorText,
  parentPort,
  termination,
  type Log,
} from '#kernel/index.ts';
import { zoneExitCodes, type HandedConnection, type ZoneHealth, type ZoneStart } from './contract.ts';
import { ZoneHost } from './ZoneHost.ts';

/** The program of a zone's process; the supervisor starts it and speaks `zones/contract.ts` with it. */
const stopDeadlineMs = 10_000;

let host: ZoneHost | undefined;
let log: Log = createLog('info');
process.title = 'zonebridge-zone';

const ipc = new Ipc(parentPort(), { start, health, drain, stop });
ipc.onEvent('connection', (value, handle) => {
  const socket = handle as Socket | undefined;
  if (host === undefined) socket?.destroy();
  else if (socket !== undefined) host.accept(socket, value as HandedConnection);
});

process.once('disconnect', () => void leave('the supervisor is gone', zoneExitCodes.orphaned));
// A terminal sends Ctrl-C to every process of its group; the supervisor decides what follows from it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void leave('SIGTERM', zoneExitCodes.stopped));
process.on('uncaughtException', (error) => {
  log.fatal({ error: errorText(error), stack: error.stack }, 'uncaught exception');
  process.exit(zoneExitCodes.failed);
});

async function start(value: ZoneStart): Promise<null> {
  log = createLog(value.config.log_level, { zone: value.config.name });
  host = await ZoneHost.create(value, log);
  void host.whenClosed.then((reason) => log.debug({ reason }, 'host closed'));
  return null;
}

function health(): ZoneHealth {
  return required().health;
}

function drain(): null {
  required().drain();
  return null;
}

async function stop({ reason }: { reason: string }): Promise<null> {
  await required().stop(termination('server-stopping', reason));
  // After the answer has gone out.
  setImmediate(() => process.exit(zoneExitCodes.stopped));
  return null;
}

async function leave(reason: string, code: number): Promise<void> {
  setTimeout(() => process.exit(code), stopDeadlineMs).unref();
  await host?.stop(termination('server-stopping', reason)).catch((error: unknown) => {
    log.error({ error: errorText(error) }, 'stopping failed');
  });
  process.exit(code);
}

function required(): ZoneHost {
  if (host === undefined) throw new ZonebridgeError('unavailable', 'the zone has not been started');
  return host;
}
