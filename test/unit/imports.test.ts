import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { readImports, readSources, type SourceImport } from '#test/support/sourceImports.ts';

/** A folder is a layer; files of src/kernel belong to that layer and not to src. */
const layers = ['src/kernel', 'src', 'zones', 'signaling', 'media', 'web'];

interface Direction {
  readonly from: string;
  /** A layer, or one file of it where that is all that may be imported. */
  readonly to: string;
  readonly typesOnly?: true;
}

/** All the ways imports may go between layers. */
const directions: readonly Direction[] = [
  { from: 'src', to: 'src/kernel' },
  { from: 'src', to: 'zones' },
  { from: 'zones', to: 'src/kernel' },
  { from: 'zones', to: 'signaling' },
  { from: 'zones', to: 'media' },
  { from: 'signaling', to: 'src/kernel' },
  { from: 'media', to: 'src/kernel' },
  { from: 'web', to: 'signaling/web/protocol.ts', typesOnly: true },
];

/** Packages that only one place may know: the rest of the code talks to that place. */
const packageOwners: Readonly<Record<string, string>> = {
  'sdp-transform': 'signaling/sdp',
  'drachtio-srf': 'signaling/sip',
  mediasoup: 'media/transport',
  preact: 'web',
};

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function layerOf(path: string): string | undefined {
  return layers.find((layer) => isBelow(path, layer));
}

function directionOf(imported: SourceImport): Direction | undefined {
  const { target } = imported;
  if (target === null || !('path' in target)) return undefined;
  return directions.find(
    ({ from, to }) =>
      layerOf(imported.file) === from && isBelow(target.path, to) && layerOf(target.path) === layerOf(to),
  );
}

/** Null for an import that is as it should be. */
function fault(imported: SourceImport): string | null {
  const { file, specifier, target, typesOnly } = imported;
  if (target === null) return null;
  if ('packageName' in target) {
    const owner = packageOwners[target.packageName];
    return owner === undefined || typesOnly || isBelow(file, owner)
      ? null
      : `${file}: only ${owner} may import ${specifier}`;
  }
  if (layerOf(file) === layerOf(target.path)) {
    return specifier.startsWith('#')
      ? `${file}: inside a layer write a relative path, not ${specifier}`
      : null;
  }
  const direction = directionOf(imported);
  if (direction === undefined) return `${file}: imports do not go from here to ${target.path}`;
  if (direction.typesOnly === true && !typesOnly) return `${file}: may only import types from ${target.path}`;
  return specifier.startsWith('#') ? null : `${file}: write #…, not ${specifier}, for another layer`;
}

function importsOf(sources: ReadonlyMap<string, string>): readonly SourceImport[] {
  return [...sources].flatMap(([file, text]) => readImports(file, text, manifest.imports));
}

function faultsOf(file: string, text: string): readonly string[] {
  return importsOf(new Map([[file, text]])).flatMap((imported) => fault(imported) ?? []);
}

const imports = importsOf(
  readSources(new URL('../../', import.meta.url), ['src', 'zones', 'signaling', 'media', 'web']),
);

test('every import between layers goes in a direction that is allowed', () => {
  expect(imports.flatMap((imported) => fault(imported) ?? [])).toEqual([]);
});

test('every allowed direction is used', () => {
  const used = new Set(imports.map(directionOf));
  expect(directions.filter((direction) => !used.has(direction))).toEqual([]);
});

test('every package with an owner is imported by it', () => {
  const used = new Set(
    imports.map(({ target }) => (target !== null && 'packageName' in target ? target.packageName : '')),
  );
  expect(Object.keys(packageOwners).filter((name) => !used.has(name))).toEqual([]);
});

test.each([
  ['an import against the direction', 'media/mixer/x.ts', `import { a } from '#zones/index.ts';`],
  [
    'an import between two layers that do not know each other',
    'signaling/x.ts',
    `export * from '#media/index.ts';`,
  ],
  ['a type of a layer that may not be known', 'media/x.ts', `type A = import('#signaling/call.ts').Call;`],
  ['the kernel importing the program', 'src/kernel/x.ts', `import '../main.ts';`],
  ['a dynamic import', 'media/x.ts', `const a = await import('#zones/index.ts');`],
  ['a file started as a process', 'media/x.ts', `fork(new URL('../zones/main.ts', import.meta.url));`],
  ['a relative path into another layer', 'zones/x.ts', `import { a } from '../media/index.ts';`],
  ['an alias for the own layer', 'zones/x.ts', `import { a } from '#zones/y.ts';`],
  ['code of the server in the browser page', 'web/x.tsx', `import { a } from '#signaling/web/protocol.ts';`],
  ['another file of the server in the page', 'web/x.tsx', `import type { A } from '#signaling/call.ts';`],
  ['SDP text outside its place', 'signaling/sip/x.ts', `import { parse } from 'sdp-transform';`],
])('%s is found', (_what, file, text) => {
  expect(faultsOf(file, text)).toHaveLength(1);
});

test('imports that are allowed are not reported', () => {
  expect(faultsOf('zones/x.ts', `import { a } from '#signaling/sip/index.ts'; import './y.ts';`)).toEqual([]);
  expect(faultsOf('web/x.tsx', `import type { A } from '#signaling/web/protocol.ts';`)).toEqual([]);
  expect(faultsOf('src/x.ts', `import { a } from '#kernel/index.ts'; import fs from 'node:fs';`)).toEqual([]);
});
