import { expect, test } from 'vitest';
import { datagramBatch, native, type DatagramBatch, type UdpSocket } from '#media/native/index.ts';
import { waitFor } from '#test/support/waitFor.ts';

const slotBytes = 64;

/** `count` datagrams to `port`; the i-th has i % 60 + 1 bytes of value i. */
function numbered(count: number, port: number): DatagramBatch {
  const batch = datagramBatch(count, slotBytes);
  batch.ports.fill(port);
  for (let i = 0; i < count; i++) {
    batch.lengths[i] = (i % 60) + 1;
    batch.data.fill(i, i * slotBytes, (i + 1) * slotBytes);
  }
  return batch;
}

function open(receiveBufferBytes?: number): UdpSocket {
  return new native.UdpSocket({
    address: '127.0.0.1',
    port: 0,
    ...(receiveBufferBytes === undefined ? {} : { receiveBufferBytes }),
  });
}

function contents(batch: DatagramBatch, count: number): number[][] {
  return Array.from({ length: count }, (_, i) => [
    ...batch.data.subarray(i * slotBytes, i * slotBytes + (batch.lengths[i] ?? 0)),
  ]);
}

test('a batch arrives whole, in order, with its source port and its time of arrival', () => {
  const [from, to] = [open(), open(1 << 20)];
  const before = Date.now();
  // More than one system call takes.
  const sent = numbered(150, to.port);
  expect(from.send(sent, 150)).toBe(150);
  const received = datagramBatch(200, slotBytes);
  expect(to.receive(received)).toBe(150);
  expect(contents(received, 150)).toEqual(contents(sent, 150));
  expect(new Set(received.ports.subarray(0, 150))).toEqual(new Set([from.port]));
  for (const arrivalMs of received.arrivalMs.subarray(0, 150)) {
    expect(arrivalMs).toBeGreaterThanOrEqual(before - 1);
    expect(arrivalMs).toBeLessThanOrEqual(Date.now() + 1);
  }
  expect(to.receive(received)).toBe(0);
});

test('what does not fit the batch waits for the next call', () => {
  const socket = open();
  expect(socket.send(numbered(30, socket.port), 25)).toBe(25);
  const received = datagramBatch(20, slotBytes);
  expect(socket.receive(received)).toBe(20);
  expect(socket.receive(received)).toBe(5);
  expect(received.data[0]).toBe(20);
});

test('each datagram goes to its own port', () => {
  const sockets = [open(), open(), open()];
  const batch = numbered(3, 0);
  for (const [i, socket] of sockets.entries()) batch.ports[i] = socket.port;
  expect(sockets[0]?.send(batch, 3)).toBe(3);
  for (const [i, socket] of sockets.entries()) {
    const received = datagramBatch(2, slotBytes);
    expect(socket.receive(received)).toBe(1);
    expect(received.data[0]).toBe(i);
  }
});

test('datagrams longer than a slot are dropped and counted, the others keep their order', () => {
  const [from, to] = [open(), open()];
  const sent = { ...numbered(4, to.port), slotBytes: 128, data: new Uint8Array(4 * 128) };
  for (let i = 0; i < 4; i++) sent.data.fill(i, i * 128, (i + 1) * 128);
  sent.lengths.set([10, 65, 20, 64]);
  expect(from.send(sent, 4)).toBe(4);
  const received = datagramBatch(10, slotBytes);
  expect(to.receive(received)).toBe(3);
  expect([...received.lengths.subarray(0, 3)]).toEqual([10, 20, 64]);
  expect(contents(received, 3).map((bytes) => new Set(bytes))).toEqual([0, 2, 3].map((i) => new Set([i])));
  expect(to.truncated).toBe(1);
});

test('empty datagrams are datagrams', () => {
  const socket = open();
  const batch = numbered(1, socket.port);
  batch.lengths[0] = 0;
  expect(socket.send(batch, 1)).toBe(1);
  batch.lengths[0] = 7;
  expect(socket.receive(batch)).toBe(1);
  expect(batch.lengths[0]).toBe(0);
});

test('a port where nobody listens stops neither sending nor receiving', async () => {
  const [socket, gone] = [open(), open()];
  gone.close();
  for (let i = 0; i < 5; i++) socket.send(numbered(3, gone.port), 3);
  const received = datagramBatch(4, slotBytes);
  await waitFor('sending after a refusal', () => socket.send(numbered(2, socket.port), 2) === 2);
  expect(socket.receive(received)).toBeGreaterThanOrEqual(2);
});

test('batches may stand on shared memory', () => {
  const socket = open();
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
  const batch = {
    slotBytes,
    data: new Uint8Array(shared(2 * slotBytes)),
    lengths: new Int32Array(shared(8)),
    ports: new Int32Array(shared(8)),
    arrivalMs: new Float64Array(shared(16)),
  };
  batch.data.set([1, 2, 3]);
  batch.lengths[0] = 3;
  batch.ports[0] = socket.port;
  expect(socket.send(batch, 1)).toBe(1);
  batch.data.fill(0);
  expect(socket.receive(batch)).toBe(1);
  expect([...batch.data.subarray(0, 3)]).toEqual([1, 2, 3]);
});

test('a port in use and a foreign address are errors with the code of the system', () => {
  const socket = open();
  expect(() => new native.UdpSocket({ address: '127.0.0.1', port: socket.port })).toThrow(
    expect.objectContaining({ code: 'EADDRINUSE' }),
  );
  expect(() => new native.UdpSocket({ address: '192.0.2.1', port: 0 })).toThrow(
    expect.objectContaining({ code: 'EADDRNOTAVAIL' }),
  );
});

test('wrong batches are refused with the name of what is wrong', () => {
  const socket = open();
  const batch = numbered(2, socket.port);
  expect(() => socket.send(batch, 3)).toThrow(/^count must be an integer from 0 to 2$/);
  expect(() => socket.send({ ...batch, data: new Uint8Array(127) }, 1)).toThrow(
    /batch\.data must have at least 128/,
  );
  expect(() => socket.receive({ ...batch, ports: new Int32Array(1) })).toThrow(/batch\.ports/);
  batch.lengths[1] = slotBytes + 1;
  expect(() => socket.send(batch, 2)).toThrow(/batch\.lengths\[1\]/);
  batch.ports[0] = 0;
  expect(() => socket.send(batch, 1)).toThrow(/batch\.ports\[0\]/);
});
