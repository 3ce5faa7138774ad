import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { createLog } from '#kernel/index.ts';
import { ZoneTls, type TlsPeer, type ZoneTlsOptions } from '#signaling/tls/index.ts';
import { createTestCa, issueCertificate, type PemPair } from '#src/testCa/issue.ts';

/** A zone's TLS on a port of its own, with certificates in a folder, and clients that trust its CA. */
export class TlsStage implements AsyncDisposable {
  readonly ca: PemPair;
  readonly folder: string;
  readonly zone: ZoneTls;
  readonly #server: Server;
  readonly #peers: TlsPeer[] = [];
  readonly #sockets = new Set<Socket>();

  static async start(
    options: Partial<ZoneTlsOptions> & { readonly protocol?: 'sip' | 'https'; readonly peek?: boolean } = {},
  ): Promise<TlsStage> {
    const ca = await createTestCa();
    const folder = await mkdtemp(join(tmpdir(), 'zonebridge-tls-'));
    await writePair(folder, await issueCertificate(ca, ['meetme.localhost']));
    await writeFile(join(folder, 'ca.pem'), ca.certificate);
    const zone = await ZoneTls.create({
      certificate: join(folder, 'certificate.pem'),
      key: join(folder, 'key.pem'),
      domains: ['meetme.localhost'],
      proxyProtocol: [],
      log: createLog('silent'),
      ...options,
      ...(options.clientCa === undefined ? {} : { clientCa: join(folder, options.clientCa) }),
    });
    const stage = new TlsStage(ca, folder, zone, options.protocol ?? 'sip', options.peek ?? false);
    await once(stage.#server.listen(0, '127.0.0.1'), 'listening');
    return stage;
  }

  private constructor(ca: PemPair, folder: string, zone: ZoneTls, protocol: 'sip' | 'https', peek: boolean) {
    this.ca = ca;
    this.folder = folder;
    this.zone = zone;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      this.#sockets.add(socket);
      const accept = (opening: Buffer): void => {
        zone.accept(socket, opening, protocol, (tlsSocket, peer) => {
          this.#peers.push(peer);
          tlsSocket.on('error', () => undefined);
          tlsSocket.write('welcome');
        });
      };
      if (!peek) {
        accept(Buffer.alloc(0));
        return;
      }
      // As the listener does: the first bytes are read before the zone gets the socket.
      socket.once('data', (opening) => {
        socket.pause();
        accept(Buffer.from(opening));
      });
      socket.resume();
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A client that checks the certificate; closed with the stage. */
  client(options: ConnectionOptions = {}): TLSSocket {
    const socket = connect({
      host: '127.0.0.1',
      port: this.port,
      ca: this.ca.certificate,
      servername: 'meetme.localhost',
      ...options,
    });
    this.#sockets.add(socket);
    return socket;
  }

  /** The zone's side of a new connection. Fails with what the client is told when there is none. */
  async meet(options: ConnectionOptions = {}): Promise<{ client: TLSSocket; peer: TlsPeer }> {
    const client = this.client(options);
    await once(client, 'data');
    const peer = this.#peers.at(-1);
    if (peer === undefined) throw new Error('the zone saw nobody');
    return { client, peer };
  }

  /** Writes a certificate for the names into the zone's files. */
  async renew(domains: readonly string[]): Promise<void> {
    await writePair(this.folder, await issueCertificate(this.ca, domains));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await this.zone.close('test over');
    await rm(this.folder, { recursive: true });
  }
}

async function writePair(folder: string, { certificate, key }: PemPair): Promise<void> {
  await writeFile(join(folder, 'certificate.pem'), certificate);
  await writeFile(join(folder, 'key.pem'), key);
}
