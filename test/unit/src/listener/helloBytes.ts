import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';

/** What a real TLS client sends first. */
export async function realHello(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, ...options });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [NodeJS.ReadableStream];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  server.close();
  return bytes;
}

function vector(lengthBytes: 1 | 2 | 3, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(content.length, 0, lengthBytes);
  return Buffer.concat([length, content]);
}

export function serverNameExtension(name: string | Uint8Array): Buffer {
  const bytes = typeof name === 'string' ? Buffer.from(name, 'latin1') : name;
  return extension(0, vector(2, Buffer.from([0]), vector(2, bytes)));
}

export function extension(type: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 0xff]), vector(2, content)]);
}

/** The handshake message of an opening with these extensions; none at all, as in 1999, without the argument. */
export function helloMessage(extensions?: readonly Uint8Array[]): Buffer {
  const body = [
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(32, 1)),
    vector(2, Buffer.from([0x13, 0x01])),
    vector(1, Buffer.from([0])),
    ...(extensions === undefined ? [] : [vector(2, ...extensions)]),
  ];
  return Buffer.concat([Buffer.from([1]), vector(3, ...body)]);
}

/** The message in TLS records of at most that many bytes each. */
export function inRecords(message: Buffer, maxBytes = 16_384): Buffer {
  const records: Buffer[] = [];
  for (let offset = 0; offset < message.length; offset += maxBytes) {
    records.push(Buffer.from([22, 3, 1]), vector(2, message.subarray(offset, offset + maxBytes)));
  }
  return Buffer.concat(records);
}
