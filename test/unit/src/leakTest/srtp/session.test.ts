import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { srtpSuites } from '#kernel/index.ts';
import { masterBytes } from '#src/leakTest/srtp/keys.ts';
import { SrtpReceiver, SrtpSender } from '#src/leakTest/srtp/session.ts';

function rtp(sequence: number, ssrc = 7): Buffer {
  const packet = Buffer.alloc(32, sequence & 0xff);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(96, 1);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

function sealed(sender: SrtpSender, packet: Buffer): Buffer {
  const result = sender.protectRtp(packet);
  if (result === undefined) throw new Error('a good packet was not sealed');
  return result;
}

for (const suite of srtpSuites) {
  test(`${suite}: packets pass over the end of the sequence numbers, also out of order`, () => {
    const master = randomBytes(masterBytes(suite));
    const [sender, receiver] = [new SrtpSender(suite, master), new SrtpReceiver(suite, master)];
    const packets = Array.from({ length: 200 }, (_, position) => rtp(65_436 + position));
    const sent = packets.map((packet) => ({ packet, sealed: sealed(sender, packet) }));
    for (let position = 0; position + 1 < sent.length; position += 2) {
      const [even, odd] = [sent[position], sent[position + 1]];
      expect(receiver.unprotectRtp(odd?.sealed ?? Buffer.alloc(0))).toEqual({
        packet: odd?.packet,
        newest: true,
      });
      const late = receiver.unprotectRtp(even?.sealed ?? Buffer.alloc(0));
      expect(late).toEqual({ packet: even?.packet, newest: false });
    }
  });

  test(`${suite}: a packet is taken once, and not when any bit of it is changed`, () => {
    const master = randomBytes(masterBytes(suite));
    const [sender, receiver] = [new SrtpSender(suite, master), new SrtpReceiver(suite, master)];
    const packet = sealed(sender, rtp(1));
    for (let bit = 0; bit < packet.length * 8; bit += 1) {
      const forged = Buffer.from(packet);
      forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(receiver.unprotectRtp(forged)).toBeUndefined();
    }
    expect(receiver.unprotectRtp(packet)?.packet).toEqual(rtp(1));
    expect(receiver.unprotectRtp(packet)).toBeUndefined();
  });

  test(`${suite}: RTCP passes once, and not when it is changed`, () => {
    const master = randomBytes(masterBytes(suite));
    const [sender, receiver] = [new SrtpSender(suite, master), new SrtpReceiver(suite, master)];
    const report = Buffer.from('80c90001000000070000000000000000', 'hex');
    const packet = sender.protectRtcp(report);
    const forged = Buffer.from(packet);
    forged.writeUInt8(forged.readUInt8(9) ^ 1, 9);
    expect(receiver.unprotectRtcp(forged)).toBeUndefined();
    expect(receiver.unprotectRtcp(packet)?.packet).toEqual(report);
    expect(receiver.unprotectRtcp(packet)).toBeUndefined();
  });

  test(`${suite}: no two packets are sealed alike, and random bytes never throw`, () => {
    const master = randomBytes(masterBytes(suite));
    const [sender, receiver] = [new SrtpSender(suite, master), new SrtpReceiver(suite, master)];
    expect(sender.protectRtcp(Buffer.alloc(16))).not.toEqual(sender.protectRtcp(Buffer.alloc(16)));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 80 }), (bytes) => {
        expect(receiver.unprotectRtp(Buffer.from(bytes))).toBeUndefined();
        expect(receiver.unprotectRtcp(Buffer.from(bytes))).toBeUndefined();
      }),
    );
  });
}

test('AES-CM: SSRCs without end are forgotten without harm to the newest', () => {
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const master = randomBytes(masterBytes(suite));
  const [sender, receiver] = [new SrtpSender(suite, master), new SrtpReceiver(suite, master)];
  for (let ssrc = 1; ssrc < 200; ssrc += 1) {
    expect(receiver.unprotectRtp(sealed(sender, rtp(1, ssrc)))?.newest).toBe(true);
  }
  expect(receiver.unprotectRtp(sealed(sender, rtp(2, 199)))?.newest).toBe(true);
});
