import { readableZones, type ReadableConfig } from './readableConfig.ts';
import type { PathFault } from './fault.ts';
import { effectiveKind, enclosing, zoneGraph, type GraphEdge, type ZoneGraph } from './zoneGraph.ts';

/** Zones that are joined in a way that they may not be. */
export function graphChecks(config: ReadableConfig): readonly PathFault[] {
  const graph = zoneGraph(config);
  return [...namesOfZones(config, graph), ...nesting(config, graph), ...waysAroundMeetme(graph)];
}

/** `links` and `within` name zones, and no zone links with itself. */
function namesOfZones(config: ReadableConfig, { nodes }: ZoneGraph): readonly PathFault[] {
  const known = [...nodes.values()].filter(({ place }) => place !== 'outside').map(({ id }) => id);
  const all = `zones here: ${known.join(', ')}`;
  return readableZones(config).flatMap(({ name, links = [], within }, zone) => {
    const path = ['zones', zone];
    const linkFaults = links.flatMap((to, index): PathFault[] => {
      if (to === undefined) return [];
      if (to === name) return [{ path: [...path, 'links', index], message: `${to} need not link to itself` }];
      return known.includes(to)
        ? []
        : [{ path: [...path, 'links', index], message: `there is no zone ${to} to dial into; ${all}` }];
    });
    const place = within === undefined ? 'here' : nodes.get(within)?.place;
    if (place === 'here') return linkFaults;
    const message = `there is no zone ${within ?? ''} on this server to be a part of; ${all}`;
    return [...linkFaults, { path: [...path, 'within'], message }];
  });
}

/** Zones nest without going in a circle, and all that is in a core zone is core. */
function nesting(config: ReadableConfig, { nodes }: ZoneGraph): readonly PathFault[] {
  return readableZones(config).flatMap(({ name, kind, within }, zone): readonly PathFault[] => {
    if (name === undefined || within === undefined) return [];
    const around = enclosing(nodes, name);
    if ((around.at(-1) ?? { within }).within === name) {
      const circle = [name, ...around.map(({ id }) => id), name].join(' within ');
      const message = `${circle}: zones cannot be parts of each other; take one \`within\` away`;
      return [{ path: ['zones', zone, 'within'], message }];
    }
    const outer = around.find((one) => one.kind === 'core');
    if (outer === undefined || kind === 'core' || kind === undefined) return [];
    const message = `${name} is within the core zone ${outer.id}, so it must be core too, not ${kind}; or take \`within\` away`;
    return [{ path: ['zones', zone, 'kind'], message }];
  });
}

/**
 * The steps that join core and outside. A way between them that no meetme zone is on has such a step, for all of it is core before and
 * external after.
 */
export function waysOut(graph: ZoneGraph): readonly GraphEdge[] {
  return graph.edges.filter(({ from, to }) => {
    const kinds = [effectiveKind(graph, from), effectiveKind(graph, to)];
    return kinds.includes('core') && kinds.includes('external');
  });
}

/** Each such step is told once, with the longest way that it opens. */
function waysAroundMeetme(graph: ZoneGraph): readonly PathFault[] {
  return waysOut(graph).map((edge) => {
    const isCore = effectiveKind(graph, edge.from) === 'core';
    const [near, far] = isCore ? [edge.from, edge.to] : [edge.to, edge.from];
    const ways = coreWays(graph, near);
    const longest = ways.at(-1) ?? [near];
    const others = ways.slice(0, -1).map(([start]) => start ?? '');
    const also = others.length === 0 ? '' : ` The same way is open to ${others.join(', ')}.`;
    const message =
      `${[...longest, far].join(' -> ')}: a way between a core zone and the outside that no meetme zone is on.` +
      `${also} ${remedyOf(edge, graph)}`;
    return { path: edge.path, message };
  });
}

function remedyOf({ why, to }: GraphEdge, { nodes }: ZoneGraph): string {
  return why === 'dial_out' && nodes.get(to)?.place !== 'outside'
    ? `${remedies.links}, and let \`domains\` name only what this zone may call`
    : remedies[why];
}

const remedies = {
  links: 'Let both sides dial into a meetme zone instead',
  within: 'Take `within` away: what is in an external zone is external',
  guests: 'A core zone’s guests must be deny; let guests come into a meetme zone',
  partners: 'Name partners in a meetme zone, and link this zone to it',
  dial_out:
    'Dial out of a meetme zone, and link this zone to it; a zone of another server is named in remote_zones',
} as const satisfies Record<GraphEdge['why'], string>;

/** The ways from each core zone that is joined with `end` through core zones only, shortest first, each ending there. */
function coreWays(graph: ZoneGraph, end: string): readonly (readonly string[])[] {
  const ways = new Map<string, readonly string[]>([[end, [end]]]);
  // A Map goes on with what was added while it is gone through: breadth first.
  for (const [at, way] of ways) {
    for (const { from, to } of graph.edges.filter((edge) => edge.from === at || edge.to === at)) {
      const next = from === at ? to : from;
      if (!ways.has(next) && effectiveKind(graph, next) === 'core') ways.set(next, [next, ...way]);
    }
  }
  return [...ways.values()];
}
