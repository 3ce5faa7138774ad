import { readableZones, type ReadableConfig, type ReadableZone } from './readableConfig.ts';

type Kind = 'core' | 'meetme' | 'external';

/** A zone, or something outside of all zones, which counts as external. */
export interface GraphNode {
  readonly id: string;
  readonly kind: Kind;
  /** `outside`: the open internet, a partner, dialled domains. `elsewhere`: a zone of another server. */
  readonly place: 'here' | 'elsewhere' | 'outside';
  /** The zone that it is a part of. */
  readonly within?: string;
}

export interface GraphEdge {
  /** Who dials. Contained zones and the zone around them reach each other. */
  readonly from: string;
  readonly to: string;
  readonly why: 'links' | 'within' | 'guests' | 'partners' | 'dial_out';
  /** Its place in the configuration. */
  readonly path: readonly PropertyKey[];
}

export interface ZoneGraph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly GraphEdge[];
}

export const openInternet = 'the open internet';

/** Who can reach whom by this configuration, as far as it can be read. Zones that only a fault names are not in it. */
export function zoneGraph(config: ReadableConfig): ZoneGraph {
  const nodes = new Map<string, GraphNode>();
  const zones = readableZones(config);
  for (const { name, kind, within } of zones) {
    if (name === undefined || kind === undefined) continue;
    nodes.set(name, { id: name, kind, place: 'here', ...(within === undefined ? {} : { within }) });
  }
  for (const remote of config.remote_zones ?? []) {
    const { name, kind } = remote ?? {};
    if (name !== undefined && kind !== undefined) nodes.set(name, { id: name, kind, place: 'elsewhere' });
  }
  const inside = zones.flatMap((zone, index) => edgesBetween(zone, ['zones', index], nodes));
  const outward = zones.flatMap((zone, index) => [
    ...guestEdges(zone, ['zones', index]),
    ...callEdges(zone, ['zones', index], { nodes, owners: domainOwners(config) }),
  ]);
  for (const { from, to } of outward) {
    for (const id of [from, to])
      if (!nodes.has(id)) nodes.set(id, { id, kind: 'external', place: 'outside' });
  }
  return { nodes, edges: [...inside, ...outward] };
}

/** What a zone is to the others: a meetme zone is neutral ground only if all that it is a part of is too. */
export function effectiveKind({ nodes }: ZoneGraph, id: string): Kind {
  const around = enclosing(nodes, id);
  const kind = nodes.get(id)?.kind ?? 'external';
  return kind === 'meetme'
    ? (around.map((zone) => zone.kind).find((outer) => outer !== 'meetme') ?? kind)
    : kind;
}

/** The zones around one, inmost first; ends where they go in a circle. */
export function enclosing(nodes: ReadonlyMap<string, GraphNode>, id: string): readonly GraphNode[] {
  const around: GraphNode[] = [];
  for (let next = nodes.get(nodes.get(id)?.within ?? ''); next !== undefined;) {
    if (next.id === id || around.includes(next)) break;
    around.push(next);
    next = nodes.get(next.within ?? '');
  }
  return around;
}

function edgesBetween(
  { name, links = [], within }: ReadableZone,
  path: readonly PropertyKey[],
  nodes: ReadonlyMap<string, GraphNode>,
): readonly GraphEdge[] {
  if (name === undefined || !nodes.has(name)) return [];
  const linked = links.map((to, index) => ({ to, why: 'links' as const, path: [...path, 'links', index] }));
  const around = { to: within, why: 'within' as const, path: [...path, 'within'] };
  return [...linked, around].flatMap(({ to, ...edge }) =>
    to === undefined || to === name || !nodes.has(to) ? [] : [{ from: name, to, ...edge }],
  );
}

function guestEdges(zone: ReadableZone, path: readonly PropertyKey[]): readonly GraphEdge[] {
  const { name, guests, partners = [] } = zone;
  if (name === undefined) return [];
  const edges: GraphEdge[] = [];
  if (guests?.model !== undefined && guests.model !== 'deny') {
    edges.push({ from: openInternet, to: name, why: 'guests', path: [...path, 'guests', 'model'] });
  }
  for (const [index, partner] of partners.entries()) {
    if (partner?.name === undefined) continue;
    const from = `partner ${partner.name}`;
    edges.push({ from, to: name, why: 'partners', path: [...path, 'partners', index, 'name'] });
  }
  return edges;
}

/** Which zone a domain is of, here or elsewhere. */
function domainOwners(config: ReadableConfig): ReadonlyMap<string, string> {
  const zones = [...readableZones(config), ...(config.remote_zones ?? [])];
  return new Map(
    zones.flatMap(({ name, domains = [] } = {}) =>
      domains.flatMap((domain) =>
        name === undefined || domain === undefined ? [] : [[plainDomain(domain), name] as const],
      ),
    ),
  );
}

/** The same for all ways to write one. */
function plainDomain(text: string): string {
  return text.toLowerCase().replace(/\.$/, '').replaceAll(/[[\]]/g, '');
}

interface Known {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly owners: ReadonlyMap<string, string>;
}

/** A domain of a zone is that zone, linked or not, and `any` is every core zone too; what is nobody's here is outside. */
function callEdges(
  { name, kind, dial_out: dialOut }: ReadableZone,
  path: readonly PropertyKey[],
  { nodes, owners }: Known,
): readonly GraphEdge[] {
  const { domains = [] } = dialOut ?? {};
  if (name === undefined) return [];
  const all = [...path, 'dial_out', 'domains'];
  const edge = (to: string, at = all): GraphEdge => ({ from: name, to, why: 'dial_out', path: at });
  if (domains === 'any') {
    const cores = [...nodes.values()].filter((node) => node.kind === 'core' && kind !== 'core');
    return [edge(openInternet), ...cores.map(({ id }) => edge(id))];
  }
  const ownerOf = (domain: string): string | undefined => owners.get(plainDomain(domain));
  const toZones = domains.flatMap((domain, index) => {
    const owner = domain === undefined ? undefined : ownerOf(domain);
    return owner === undefined || owner === name || !nodes.has(owner) ? [] : [edge(owner, [...all, index])];
  });
  const foreign = domains.filter((domain) => domain !== undefined && ownerOf(domain) === undefined);
  const outside = foreign.join(', ');
  // A zone may be called like a domain of somebody else.
  const to = nodes.has(outside) ? `the domain ${outside}` : outside;
  return outside === '' ? toZones : [...toZones, edge(to)];
}
