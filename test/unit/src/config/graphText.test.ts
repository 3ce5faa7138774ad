import { expect, test } from 'vitest';
import { configSchema, graphMermaid, graphText } from '#src/config/index.ts';
import { zoneGraph, type ZoneGraph } from '#src/config/zoneGraph.ts';
import { governance } from '#test/support/governance.ts';
import { zone } from './zones.ts';

function graph(...zones: ReturnType<typeof zone>[]): ZoneGraph {
  return zoneGraph(
    configSchema.parse({
      zones,
      remote_zones: [{ name: 'far', kind: 'meetme', domains: ['far.example'], address: '192.0.2.7' }],
    }),
  );
}

const good = graph(
  zone('core', 'core', { links: ['meetme', 'far'] }),
  zone('lab', 'core', { within: 'core' }),
  zone('meetme', 'meetme', governance),
);
const bad = graph(zone('core', 'core', { links: ['ext'] }), zone('ext', 'external', { links: ['far'] }));

test('a terminal shows each zone with its kind, parts below what they are in, and every way', () => {
  expect(graphText(good)).toBe(`ZONES   ■ core   ◆ meetme   ○ external
  ■ core
    ■ lab
  ◆ meetme
  ◆ far (on another server)

OUTSIDE
  · the open internet

WAYS
  core ── may dial into ──▶ meetme
  core ── may dial into ──▶ far
  the open internet ── guests come into ──▶ meetme

Every way between a core zone and the outside has a meetme zone on it.
`);
});

test('a way that is refused has a cross, and no other', () => {
  expect(graphText(bad)).toContain('\n  ✗ core ── may dial into ──▶ ext\n  ext ── may dial into ──▶ far\n');
  expect(graphText(bad)).toContain('✗ This way is refused');
});

test('Mermaid is given shapes by kind, parts in their zone, and refused ways in red', () => {
  expect(graphMermaid(good)).toBe(`flowchart LR
  subgraph n0_parts["core and its parts"]
    n0[["core<br/>core"]]
    n1[["lab<br/>core"]]
  end
  n2(["meetme<br/>meetme"])
  n3(["far<br/>meetme, on another server"])
  n4(("the open internet"))
  n0 -->|may dial into| n2
  n0 -->|may dial into| n3
  n4 -->|guests come into| n2
`);
  expect(graphMermaid(bad)).toContain('  linkStyle 0 stroke:#c00');
});

test('zones that are parts of each other do not hang the drawing', () => {
  const circle = graph(zone('a', 'meetme', { within: 'b' }), zone('b', 'meetme', { within: 'a' }));
  expect(graphText(circle)).toContain('ZONES');
  expect(graphMermaid(circle)).toContain('flowchart LR');
});
