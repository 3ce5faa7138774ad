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
  const outward = zones.flatMap((zone, index) => outwardEdges(zone, ['zones', index]));
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

function outwardEdges(zone: ReadableZone, path: readonly PropertyKey[]): readonly GraphEdge[] {
  const { name, guests, partners = [], dial_out: dialOut } = zone;
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
  const called = calledOutside(dialOut?.domains);
  if (called !== undefined) {
    edges.push({ from: name, to: called, why: 'dial_out', path: [...path, 'dial_out', 'domains'] });
  }
  return edges;
}

function calledOutside(domains: NonNullable<ReadableZone['dial_out']>['domains']): string | undefined {
  if (domains === 'any') return openInternet;
  const named = (domains ?? []).filter((domain) => domain !== undefined);
  return named.length === 0 ? undefined : named.join(', ');
}
