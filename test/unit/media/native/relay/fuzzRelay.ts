/** Run as a process of its own by fuzz.test.ts: prints one JSON line when the relay has survived. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { native } from '#media/native/index.ts';
import { srtpSuites } from '#kernel/index.ts';
import { relayOptions, RelayStage, rtcp, rtp, sealed, type SrtpSides } from '#test/support/RelayStage.ts';
import { waitFor } from '#test/support/waitFor.ts';

const packets = Number(process.argv[2]);
let state = Number(process.argv[3]);

/** 0..limit-1, from the seed (xorshift32). */
function random(limit: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}

function randomBytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

/** A packet that is good but for what is then done to it. */
function good(sides: SrtpSides | undefined, number: number): Buffer {
  const payload = randomBytes(random(4) === 0 ? random(1700) : random(100));
  const packet = rtp(number, payload, random(20) === 0 ? random(2 ** 32) : 7);
  if (random(3) === 0) packet.writeUInt8(0x80 | random(64), 0);
  if (sides === undefined) return random(4) === 0 ? rtcp(random(100)) : packet;
  if (random(4) === 0) return sides.sender.protectRtcp(Buffer.concat([rtcp(random(100)), payload]));
  return sides.sender.protectRtp(packet) ?? packet;
}

function hostile(sides: SrtpSides | undefined, number: number): Buffer {
  const kind = random(6);
  if (kind === 0) return randomBytes(random(200));
  if (kind === 1)
    return Buffer.concat([Buffer.from([0x80 | random(64), random(256)]), randomBytes(random(60))]);
  const packet = Buffer.from(good(sides, number));
  if (kind === 2) return packet.subarray(0, random(packet.length + 1));
  if (kind === 3) return packet;
  for (let changes = random(4) + 1; changes > 0; changes -= 1) {
    const at = random(3) === 0 ? random(packet.length) : random(Math.min(packet.length, 16));
    packet.writeUInt8(random(256), at);
  }
  return packet;
}

/** Everything that may change while packets come. */
function disturb(stage: RelayStage): SrtpSides | undefined | 'same' {
  const { relay, leg, phone, worker } = stage;
  const choice = random(8);
  if (choice < 3) return stage.protect(srtpSuites[choice % 2] ?? 'AEAD_AES_256_GCM');
  if (choice === 3) relay.setProtection(leg, 'none');
  if (choice === 3) return undefined;
  if (choice === 4) relay.setRtcpMux(leg, random(2) === 0);
  if (choice === 5) relay.describe(leg, random(2) === 0, '127.0.0.1', phone.port);
  if (choice === 6) relay.setWorkerPort(leg, random(3) === 0 ? 0 : worker.port);
  if (choice === 7) relay.takeStream(leg, random(9) - 1);
  return 'same';
}

const stage = await RelayStage.open({ gatherMicroseconds: 0, silenceMs: 0 });
const { relay, leg, port, phone, worker } = stage;
let sides: SrtpSides | undefined = stage.protect('AEAD_AES_256_GCM');
for (let number = 0; number < packets; number += 1) {
  if (random(500) === 0) {
    const changed = disturb(stage);
    if (changed !== 'same') sides = changed;
  }
  const packet = hostile(sides, number);
  const waited =
    random(3) === 0 ? worker.send(packet, relay.loopbackPort) : phone.send(packet, port + random(2));
  if (number % 16 === 0) await waited;
}
const statistics = relay.statistics(leg);

// And it still works.
const last = stage.protect('AEAD_AES_256_GCM');
relay.setWorkerPort(leg, worker.port);
let lastNumber = 0;
await waitFor('the relay to work', async () => {
  await phone.send(sealed(last.sender.protectRtp(rtp((lastNumber += 1), 'still here'))), port);
  return worker.got.splice(0).some(({ packet }) => packet.subarray(12).toString() === 'still here');
});

// A relay that is forgotten with its legs at work must not keep the process, nor bring it down.
const forgotten = new native.MediaRelay({ ...relayOptions, onStream: () => undefined });
const socket = createSocket('udp4');
socket.bind(0, '127.0.0.1');
await once(socket, 'listening');
socket.send(rtp(1), forgotten.loopbackPort, '127.0.0.1');
socket.unref();
stage[Symbol.dispose]();
process.stdout.write(`${JSON.stringify(statistics)}\n`);
