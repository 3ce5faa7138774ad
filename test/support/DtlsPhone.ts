import { execFileSync, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AudioDescription, IceParameters, SessionDescription } from '#kernel/index.ts';
import { bindingRequestOf } from '#media/transport/relay/stun.ts';
import { SrtpReceiver, SrtpSender } from './srtp.ts';
import { pcmu } from './TestPhone.ts';

const keyBytes = 32;
const saltBytes = 12;

/**
 * A phone with DTLS-SRTP: OpenSSL makes the handshake as the client and tells the keys, then this process goes on from the same port.
 * With ICE it first makes the check of a controlling agent.
 */
export class DtlsPhone implements AsyncDisposable {
  readonly received: Buffer[] = [];
  ssrc = 0x1000 + Math.floor(Math.random() * 0x7000_0000);
  readonly #folder: string;
  readonly #fingerprint: string;
  readonly #ice: IceParameters | undefined;
  readonly #port: number;
  #socket: Socket | undefined;
  #keys: { readonly sender: SrtpSender; readonly receiver: SrtpReceiver } | undefined;
  #to = { address: '127.0.0.1', port: 9 };
  #sequence = 0;

  static async create({ ice }: { ice: boolean }): Promise<DtlsPhone> {
    const folder = mkdtempSync(join(tmpdir(), 'zonebridge-dtls-'));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=phone',
      ].concat(['-keyout', 'key.pem', '-out', 'certificate.pem']),
      { cwd: folder, stdio: 'ignore' },
    );
    const socket = await openSocket(0);
    const { port } = socket.address();
    await closeSocket(socket);
    const own = {
      usernameFragment: 'phone',
      password: 'a password of the phone',
      lite: false,
      candidates: [],
    };
    return new DtlsPhone(folder, port, ice ? own : undefined);
  }

  private constructor(folder: string, port: number, ice: IceParameters | undefined) {
    this.#folder = folder;
    this.#port = port;
    this.#ice = ice;
    const certificate = new X509Certificate(readFileSync(join(folder, 'certificate.pem')));
    this.#fingerprint = certificate.fingerprint256;
  }

  offer(changes: Partial<AudioDescription> = {}): SessionDescription {
    const fingerprints = [{ algorithm: 'sha-256', value: this.#fingerprint }];
    const audio: AudioDescription = {
      direction: 'sendrecv',
      codecs: [pcmu],
      // OpenSSL is the client here; with ICE we would take that part if the offer left it to us.
      security: { kind: 'dtls', fingerprints, setup: this.#ice === undefined ? 'actpass' : 'active' },
      ...(this.#ice === undefined ? {} : { ice: this.#ice }),
      address: '127.0.0.1',
      port: this.#port,
      rtcpMux: true,
      headerExtensions: {},
      ...changes,
    };
    return { audio };
  }

  /** ICE check if there is ICE, then the DTLS handshake. */
  async connect({ audio: answer }: SessionDescription): Promise<void> {
    this.#to = { address: answer.address, port: answer.port };
    if (answer.ice !== undefined) await this.#check(answer.ice);
    const material = await this.#handshake();
    const [local, remote] = [material.subarray(0, keyBytes), material.subarray(keyBytes, 2 * keyBytes)];
    const salts = material.subarray(2 * keyBytes);
    this.#keys = {
      sender: new SrtpSender('AEAD_AES_256_GCM', Buffer.concat([local, salts.subarray(0, saltBytes)])),
      receiver: new SrtpReceiver('AEAD_AES_256_GCM', Buffer.concat([remote, salts.subarray(saltBytes)])),
    };
    this.#socket = await openSocket(this.#port);
    this.#socket.on('message', (datagram) => {
      const packet = this.#keys?.receiver.unprotectRtp(datagram)?.packet;
      if (packet !== undefined) this.received.push(packet);
    });
  }

  say(payload: Buffer): void {
    this.#sequence += 1;
    const header = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt16BE(this.#sequence & 0xffff, 2);
    header.writeUInt32BE(this.#sequence * 160, 4);
    header.writeUInt32BE(this.ssrc, 8);
    const sealed = this.#keys?.sender.protectRtp(Buffer.concat([header, payload]));
    if (sealed === undefined) throw new Error('the phone is not connected');
    this.#socket?.send(sealed, this.#to.port, this.#to.address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket !== undefined) await closeSocket(this.#socket);
    rmSync(this.#folder, { recursive: true });
  }

  async #check({ usernameFragment, password }: IceParameters): Promise<void> {
    const socket = await openSocket(this.#port);
    const { packet } = bindingRequestOf({ username: `${usernameFragment}:phone`, password });
    const answered = new Promise((resolve) => socket.once('message', resolve));
    socket.send(packet, this.#to.port, this.#to.address);
    await answered;
    await closeSocket(socket);
  }

  async #handshake(): Promise<Buffer> {
    const arguments_ = ['s_client', '-dtls1_2', '-bind', `127.0.0.1:${this.#port}`]
      .concat([
        '-connect',
        `${this.#to.address}:${this.#to.port}`,
        '-cert',
        'certificate.pem',
        '-key',
        'key.pem',
      ])
      .concat(['-use_srtp', 'SRTP_AEAD_AES_256_GCM', '-keymatexport', 'EXTRACTOR-dtls_srtp'])
      .concat(['-keymatexportlen', String(2 * (keyBytes + saltBytes))]);
    const openssl = spawn('openssl', arguments_, { cwd: this.#folder, stdio: ['pipe', 'pipe', 'ignore'] });
    let output = '';
    const closed = new Promise<void>((resolve) => openssl.once('close', () => resolve()));
    try {
      for await (const chunk of openssl.stdout) {
        output += String(chunk);
        const material = /Keying material: ([0-9A-F]+)\n/.exec(output)?.[1];
        if (material !== undefined) return Buffer.from(material, 'hex');
      }
    } finally {
      openssl.kill('SIGKILL'); // no close_notify: the association goes on from this process
      await closed;
    }
    throw new Error(`the DTLS handshake failed: ${output}`);
  }
}

async function openSocket(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  return socket;
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
