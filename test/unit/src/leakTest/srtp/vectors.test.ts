import { createSecretKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { derive, deriveSessionKeys, type SessionKeys } from '#src/leakTest/srtp/keys.ts';
import { createTransform, transformOf } from '#src/leakTest/srtp/transforms.ts';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

test('session keys of AES-CM are those of RFC 3711 appendix B.3', () => {
  const master = hex('E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6');
  const keys = deriveSessionKeys('AES_CM_128_HMAC_SHA1_80', master, 'rtp');
  expect(keys.encryption.export()).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'));
  expect(keys.salt).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'));
  expect(keys.authentication.export()).toEqual(hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'));
});

test('AES-256 key derivation is that of RFC 6188 §7.4', () => {
  const key = hex('f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6');
  const salt = hex('3b04803de51ee7c96423ab5b78d2');
  expect(derive(key, salt, 0, 32)).toEqual(
    hex('5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4'),
  );
  expect(derive(key, salt, 2, 14)).toEqual(hex('fa31791685ca444a9e07c6c64e93'));
});

test('a whole packet of AES_CM_128_HMAC_SHA1_80 is what libsrtp makes of it', () => {
  // test/srtp_driver.c, srtp_validate(): its reference packet.
  const master = hex('e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6');
  const plain = hex('800f1234decafbadcafebabe abababababababababababababababab');
  const sealed = hex('800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb');
  const transform = createTransform('AES_CM_128_HMAC_SHA1_80', master);
  expect(transform.protectRtp(plain, 0x1234)).toEqual(sealed);
  expect(transform.unprotectRtp(sealed, 0x1234)).toEqual(plain);
});

const quidProQuo: SessionKeys = {
  encryption: createSecretKey(Buffer.from(Array.from({ length: 32 }, (_, byte) => byte))),
  authentication: createSecretKey(Buffer.alloc(20)),
  salt: Buffer.from('Quid pro quo'),
};

test('AEAD_AES_256_GCM seals RTP as in RFC 7714 §16.2', () => {
  const transform = transformOf('AEAD_AES_256_GCM', quidProQuo, quidProQuo);
  const header = hex('8040f17b 8041f8d3 5501a0b2');
  const plain = Buffer.concat([header, Buffer.from('Gallia est omnis divisa in partes tres')]);
  const sealed = Buffer.concat([
    header,
    hex('32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799'),
    hex('b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13'),
  ]);
  expect(transform.protectRtp(plain, 0xf17b)).toEqual(sealed);
  expect(transform.unprotectRtp(sealed, 0xf17b)).toEqual(plain);
});

test('AEAD_AES_256_GCM seals RTCP as in RFC 7714 §17.3', () => {
  const transform = transformOf('AEAD_AES_256_GCM', quidProQuo, quidProQuo);
  const plain = hex(
    '81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef',
  );
  const sealed = hex(
    `81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be
     8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4`,
  );
  expect(transform.protectRtcp(plain, 0x5d4)).toEqual(sealed);
  expect(transform.unprotectRtcp(sealed)).toEqual({ packet: plain, index: 0x5d4 });
});
