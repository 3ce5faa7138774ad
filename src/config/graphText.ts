import { waysOut } from './graphChecks.ts';
import type { GraphEdge, GraphNode, ZoneGraph } from './zoneGraph.ts';

const marks = { core: '■', meetme: '◆', external: '○' } as const;
const words = {
  links: 'may dial into',
  within: 'is a part of',
  guests: 'guests come into',
  partners: 'comes into',
  dial_out: 'may call',
} as const satisfies Record<GraphEdge['why'], string>;

/** The zones, those that are parts of others below them, and every way between them; a way that is refused has a cross. */
export function graphText(graph: ZoneGraph): string {
  const nodes = [...graph.nodes.values()];
  const outside = nodes.filter(({ place }) => place === 'outside').map(({ id }) => `  · ${id}`);
  const refused = new Set(waysOut(graph));
  const ways = graph.edges
    .filter(({ why }) => why !== 'within')
    .map((edge) => `  ${refused.has(edge) ? '✗ ' : ''}${edge.from} ── ${words[edge.why]} ──▶ ${edge.to}`);
  return [
    'ZONES   ■ core   ◆ meetme   ○ external',
    ...nodes.filter(({ within }) => within === undefined).flatMap((node) => branch(nodes, node, '  ')),
    ...(outside.length === 0 ? [] : ['', 'OUTSIDE', ...outside]),
    '',
    'WAYS',
    ...(ways.length === 0 ? ['  none'] : ways),
    '',
    refused.size === 0
      ? 'Every way between a core zone and the outside has a meetme zone on it.'
      : `✗ ${refused.size === 1 ? 'This way is' : 'These ways are'} refused: core and outside meet with no meetme zone between.`,
    '',
  ].join('\n');
}

/** The same as a Mermaid flowchart, for documents. */
export function graphMermaid(graph: ZoneGraph): string {
  const nodes = [...graph.nodes.values()];
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const refused = new Set(waysOut(graph));
  const edges = graph.edges.filter(({ why }) => why !== 'within');
  const lines = edges.map(({ from, to, why }) => `  ${ids.get(from)} -->|${words[why]}| ${ids.get(to)}`);
  const crossed = edges.flatMap((edge, index) => (refused.has(edge) ? [index] : []));
  return [
    'flowchart LR',
    ...nodes.filter((node) => node.within === undefined).flatMap((node) => shapes(nodes, node, ids, '  ')),
    ...lines,
    ...(crossed.length === 0 ? [] : [`  linkStyle ${crossed.join(',')} stroke:#c00,stroke-width:3px`]),
    '',
  ].join('\n');
}

function branch(nodes: readonly GraphNode[], node: GraphNode, indent: string): readonly string[] {
  if (node.place === 'outside') return [];
  const where = node.place === 'elsewhere' ? ' (on another server)' : '';
  return [
    `${indent}${marks[node.kind]} ${node.id}${where}`,
    ...nodes.filter(({ within }) => within === node.id).flatMap((part) => branch(nodes, part, `${indent}  `)),
  ];
}

function shapes(
  nodes: readonly GraphNode[],
  node: GraphNode,
  ids: ReadonlyMap<string, string>,
  indent: string,
): readonly string[] {
  const id = ids.get(node.id) ?? '';
  const shape = `${indent}${id}${shapeOf(node)}`;
  const parts = nodes.filter(({ within }) => within === node.id);
  if (parts.length === 0) return [shape];
  const inside = parts.flatMap((part) => shapes(nodes, part, ids, `${indent}  `));
  return [
    `${indent}subgraph ${id}_parts["${node.id} and its parts"]`,
    `  ${shape}`,
    ...inside,
    `${indent}end`,
  ];
}

function shapeOf({ id, kind, place }: GraphNode): string {
  if (place === 'outside') return `(("${id}"))`;
  const label = `"${id}<br/>${kind}${place === 'elsewhere' ? ', on another server' : ''}"`;
  if (kind === 'core') return `[[${label}]]`;
  return kind === 'meetme' ? `([${label}])` : `[${label}]`;
}
