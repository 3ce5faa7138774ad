import { randomBytes } from 'node:crypto';
import { srtpSuites, type SdesKey, type SrtpSuite } from '#kernel/index.ts';

/** Master key and salt together, as SDES writes them (RFC 4568 §6.1): RFC 7714 §12 and RFC 4568 §6.2. */
const masterBytes = {
  AEAD_AES_256_GCM: 32 + 12,
  AES_CM_128_HMAC_SHA1_80: 16 + 14,
} as const satisfies Record<SrtpSuite, number>;

/** A key of our own; never from the worker, whose generator is no cryptographic one (docs/adr/0001). */
export function freshMaster(suite: SrtpSuite): Buffer {
  return randomBytes(masterBytes[suite]);
}

/** The offered key to use: of the suite in use when it is still there, else of our first preference. */
export function chooseKey(keys: readonly SdesKey[], current: SrtpSuite | undefined): SdesKey | undefined {
  const usable = keys.filter(({ suite, key }) => Buffer.from(key, 'base64').length === masterBytes[suite]);
  const order = current === undefined ? srtpSuites : [current, ...srtpSuites];
  return order.map((suite) => usable.find((key) => key.suite === suite)).find((key) => key !== undefined);
}
