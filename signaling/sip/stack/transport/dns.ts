import { Resolver, lookup } from 'node:dns/promises';
import type { NaptrRecord, SrvRecord } from 'node:dns';

export type { NaptrRecord, SrvRecord } from 'node:dns';

/** The look-ups of RFC 3263. No such record is an empty list; a failure throws. */
export interface SipDns {
  naptr(name: string): Promise<NaptrRecord[]>;
  srv(name: string): Promise<SrvRecord[]>;
  /** IPv4 and IPv6 addresses in the order to try. */
  addresses(name: string): Promise<string[]>;
}

/** No record, and answers of resolvers that do not know NAPTR or SRV at all. */
const absent: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA', 'ENOTIMP', 'EREFUSED', 'EFORMERR']);

/** The system's resolver. Addresses come from getaddrinfo, so that /etc/hosts counts. */
export function systemDns(): SipDns {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return {
    naptr: (name) => (isLocal(name) ? Promise.resolve([]) : orNone(resolver.resolveNaptr(name))),
    srv: (name) => (isLocal(name) ? Promise.resolve([]) : orNone(resolver.resolveSrv(name))),
    addresses: async (name) => {
      // RFC 6761 §6.3: these names never leave the machine.
      if (isLocal(name)) return ['127.0.0.1', '::1'];
      const found = await lookup(name, { all: true });
      return found.map(({ address }) => address);
    },
  };
}

function isLocal(name: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(name);
}

async function orNone<T>(records: Promise<T[]>): Promise<T[]> {
  try {
    return await records;
  } catch (error) {
    if (error instanceof Error && 'code' in error && absent.has(error.code)) return [];
    throw error;
  }
}
