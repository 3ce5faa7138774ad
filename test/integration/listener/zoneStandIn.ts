import type { Socket } from 'node:net';
import { Ipc, createLog, parentPort } from '#kernel/index.ts';
import { ZoneTls } from '#signaling/tls/index.ts';
import type { HandedConnection, ZoneHealth, ZoneStart } from '#zones/index.ts';

/**
 * A zone's process with TLS and nothing behind it: it says its name and who is there, then does what it is told by the
 * first word of a connection.
 */
const log = createLog('silent');
let tls: ZoneTls | undefined;
let name = '';
let state: ZoneHealth['state'] = 'serving';

const ipc = new Ipc(parentPort(), {
  async start({ config }: ZoneStart): Promise<null> {
    if (config.log_level === 'error') throw new Error('this zone is told to fail');
    ({ name } = config);
    const { domains, proxy_protocol: proxyProtocol } = config;
    tls = await ZoneTls.create({
      ...config.tls,
      clientCa: config.tls.client_ca ?? config.tls.certificate,
      domains,
      proxyProtocol,
      log,
    });
    return null;
  },
  health: (): ZoneHealth => ({ state }),
  drain: (): null => {
    state = 'draining';
    return null;
  },
  stop: (): null => {
    setImmediate(() => process.exit(0));
    return null;
  },
});

ipc.onEvent('connection', (value, handle) => {
  const { opening, protocol } = value as HandedConnection;
  tls?.accept(handle as Socket, Buffer.from(opening), protocol, (socket, { remote, tls: info }) => {
    socket.on('error', () => undefined);
    socket.write(
      `${JSON.stringify({ name, state, remote, protocol, pid: process.pid, uid: process.getuid?.(), tls: info })}\n`,
    );
    socket.once('data', (word: Buffer) => {
      if (word.toString() === 'exit') process.exit(9);
      socket.end(word);
    });
  });
});
process.once('disconnect', () => process.exit(3));
