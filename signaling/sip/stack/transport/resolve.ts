import { isIP } from 'node:net';
import { ZonebridgeError, errorText, plainAddress, type Log } from '#kernel/index.ts';
import { parseUri, type SipUri } from '../message/index.ts';
import type { SipTransport, Target } from './contract.ts';
import type { TlsRoute } from './options.ts';
import type { NaptrRecord, SipDns, SrvRecord } from './dns.ts';

/** Transports that we open towards others. */
export type OutboundTransport = 'udp' | 'tcp' | 'tls';

export interface ResolveOptions {
  readonly dns: SipDns;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** What may be used, in our order of preference. */
  readonly transports: readonly OutboundTransport[];
}

/** RFC 3261 §18.1.1: a larger request needs a transport with congestion control. */
export const maxUdpRequestBytes = 1_300;
const maxTargets = 16;

const naptrServices: Readonly<Record<string, OutboundTransport>> = {
  'SIP+D2U': 'udp',
  'SIP+D2T': 'tcp',
  'SIPS+D2T': 'tls',
};
const srvPrefixes: Readonly<Record<OutboundTransport, string>> = {
  udp: '_sip._udp.',
  tcp: '_sip._tcp.',
  tls: '_sips._tcp.',
};

/** Where a service is found: one SRV owner name and what it speaks. */
interface Service {
  readonly transport: OutboundTransport;
  readonly name: string;
}

/**
 * RFC 3263 §4: where to send a request, in the order to try. `sizeBytes` is that of the request: a large one prefers
 * TCP where nobody chose UDP. Throws `unreachable`, and `bad-message` for what is no SIP URI.
 */
export async function resolveUri(uri: string, options: ResolveOptions, sizeBytes = 0): Promise<Target[]> {
  const parsed = parseUri(uri);
  if (parsed.scheme === 'tel') throw unreachable('a tel: number needs a gateway');
  const host = plainAddress(parsed.parameters.get('maddr') ?? parsed.host).replace(/\.$/, '');
  const chosen = explicitTransport(parsed, options.transports);
  const targets = await locate(parsed, host, chosen, { ...options, sizeBytes });
  if (targets.length === 0) throw unreachable('the host has no address for a transport that is open here');
  return targets.slice(0, maxTargets);
}

/** Where a URI leads that names one of these domains and no port of its own; undefined for any other. */
export function routeOf(uri: string, routes: readonly TlsRoute[]): Target | undefined {
  if (routes.length === 0) return undefined;
  const { host, port } = parseUri(uri);
  const domain = plainAddress(host).toLowerCase();
  const route = port === undefined ? routes.find(({ domains }) => domains.includes(domain)) : undefined;
  return route === undefined ? undefined : target('tls', route.address, route.port, domain);
}

type Search = ResolveOptions & { readonly sizeBytes: number };

async function locate(
  uri: SipUri,
  host: string,
  chosen: OutboundTransport | undefined,
  search: Search,
): Promise<Target[]> {
  // RFC 5922 §4: the certificate must name the domain that was asked for, whatever DNS or maddr say.
  const domain = plainAddress(uri.host).replace(/\.$/, '');
  const usable = chosen === undefined ? usableTransports(search) : [chosen];
  // §4.1, §4.2: with a numeric host or a port there is nothing to look up but the address.
  if (isIP(host) === 0 && uri.port === undefined) {
    const services =
      chosen === undefined ? await servicesOf(host, usable, search) : [serviceAt(chosen, host)];
    const found = await Promise.all(services.map((service) => serviceTargets(service, domain, search)));
    const targets = found.flat();
    if (targets.length > 0) return targets;
  }
  const addresses = isIP(host) === 0 ? await addressesOf(host, search.dns) : [host];
  return defaultTransports(usable, search).flatMap((transport) =>
    addresses.map((address) => target(transport, address, uri.port ?? defaultPort(transport), domain)),
  );
}

function isLarge({ sizeBytes }: Search): boolean {
  return sizeBytes > maxUdpRequestBytes;
}

/** §4.1: what may be used when nobody named a transport, the default first. */
function usableTransports(search: Search): OutboundTransport[] {
  const order: readonly OutboundTransport[] = isLarge(search) ? ['tcp', 'udp', 'tls'] : ['udp', 'tcp', 'tls'];
  return order.filter((transport) => search.transports.includes(transport));
}

/** RFC 3261 §18.1.1: a peer that has no TCP is tried with UDP after all. */
function defaultTransports(usable: readonly OutboundTransport[], search: Search): OutboundTransport[] {
  const retry = isLarge(search) && usable[0] === 'tcp' && usable[1] === 'udp';
  return usable.slice(0, retry ? 2 : 1);
}

function explicitTransport(
  uri: SipUri,
  transports: readonly OutboundTransport[],
): OutboundTransport | undefined {
  const named = uri.parameters.get('transport')?.toLowerCase();
  if (named === undefined && uri.scheme !== 'sips') return undefined;
  // RFC 3261 §26.2.2: sips over "tcp" is TLS over TCP; `transport=tls` is deprecated and in every phone.
  const wanted = uri.scheme === 'sips' && (named === undefined || named === 'tcp') ? 'tls' : named;
  const transport = transports.find((open) => open === wanted);
  if (transport === undefined || (uri.scheme === 'sips' && transport !== 'tls')) {
    throw unreachable(
      `the URI asks for a transport that is not open here; open are ${transports.join(', ')}`,
    );
  }
  return transport;
}

/** §4.1: NAPTR says what the domain prefers; without it, our own preference. */
async function servicesOf(
  host: string,
  usable: readonly OutboundTransport[],
  search: Search,
): Promise<Service[]> {
  const records = await recordsOf('NAPTR', search.dns.naptr(host), search.log);
  const offered = records
    .toSorted((a, b) => a.order - b.order || a.preference - b.preference)
    .map(serviceOf)
    .filter((service) => service !== undefined)
    .filter(({ transport }) => usable.includes(transport));
  const own = search.transports.map((transport) => serviceAt(transport, host));
  const services = offered.length > 0 ? offered : own;
  if (!isLarge(search)) return services;
  return services.toSorted((a, b) => Number(a.transport === 'udp') - Number(b.transport === 'udp'));
}

function serviceAt(transport: OutboundTransport, host: string): Service {
  return { transport, name: `${srvPrefixes[transport]}${host}` };
}

function serviceOf(record: NaptrRecord): Service | undefined {
  const transport = naptrServices[record.service.toUpperCase()];
  if (transport === undefined || record.flags.toLowerCase() !== 's') return undefined;
  return { transport, name: record.replacement };
}

async function serviceTargets(service: Service, domain: string, search: Search): Promise<Target[]> {
  const records = await recordsOf('SRV', search.dns.srv(service.name), search.log);
  const ordered = orderByWeight(records, search.random).filter(({ name }) => name !== '' && name !== '.');
  const found = await Promise.all(
    ordered.slice(0, maxTargets).map(async ({ name, port }) => {
      const addresses = await recordsOf('address', search.dns.addresses(name), search.log);
      return addresses.map((address) => target(service.transport, address, port, domain));
    }),
  );
  return found.flat();
}

/** RFC 2782: by priority, and within one priority at random by weight. */
export function orderByWeight(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const ordered: SrvRecord[] = [];
  const priorities = [...new Set(records.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  for (const priority of priorities) {
    // Weight 0 goes first into the sum, so that it keeps a small chance.
    const rest = records
      .filter((record) => record.priority === priority)
      .toSorted((a, b) => a.weight - b.weight);
    while (rest.length > 0) {
      let remaining = Math.floor(random() * (rest.reduce((sum, { weight }) => sum + weight, 0) + 1));
      const drawn = rest.findIndex(({ weight }) => (remaining -= weight) <= 0);
      ordered.push(...rest.splice(drawn, 1));
    }
  }
  return ordered;
}

async function addressesOf(host: string, dns: SipDns): Promise<string[]> {
  try {
    return await dns.addresses(host);
  } catch (error) {
    throw new ZonebridgeError('unreachable', 'the host name has no address', { cause: error });
  }
}

/** A look-up that fails is as good as no record: the next step of RFC 3263 decides, and TLS checks who answers. */
async function recordsOf<T>(kind: string, records: Promise<T[]>, log: Log): Promise<T[]> {
  try {
    return await records;
  } catch (error) {
    log.debug({ kind, reason: errorText(error) }, 'a DNS look-up failed');
    return [];
  }
}

function target(transport: SipTransport, address: string, port: number, domain: string): Target {
  return { transport, address: plainAddress(address), port, domain };
}

/** RFC 3261 §19.1.2. */
function defaultPort(transport: OutboundTransport): number {
  return transport === 'tls' ? 5061 : 5060;
}

function unreachable(message: string): ZonebridgeError {
  return new ZonebridgeError('unreachable', message);
}
