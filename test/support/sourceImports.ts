import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

/** One import, re-export, dynamic import, or `new URL('./x.ts', import.meta.url)` of a source file. */
export interface SourceImport {
  /** Path from the root of the repository, as is `target`. */
  readonly file: string;
  readonly specifier: string;
  /** The file or package imported; null for a module of Node. */
  readonly target: { readonly path: string } | { readonly packageName: string } | null;
  readonly typesOnly: boolean;
}

/** All .ts and .tsx files below the folders, by path from the root of the repository. */
export function readSources(root: URL, folders: readonly string[]): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const folder of folders) {
    for (const name of readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(name)) continue;
      const file = posix.join(folder, name);
      sources.set(file, readFileSync(new URL(file, root), 'utf8'));
    }
  }
  return sources;
}

/** `aliases` is the "imports" field of package.json: `{"#media/*": "./media/*"}`. */
export function readImports(
  file: string,
  text: string,
  aliases: Readonly<Record<string, string>>,
): readonly SourceImport[] {
  const found: SourceImport[] = [];
  const add = (specifier: string, typesOnly: boolean): void => {
    found.push({ file, specifier, target: resolveSpecifier(file, specifier, aliases), typesOnly });
  };
  const visit = (node: ts.Node): void => {
    const imported = importIn(node);
    if (imported !== null) add(imported.specifier, imported.typesOnly);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}

function importIn(node: ts.Node): { specifier: string; typesOnly: boolean } | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    if (node.moduleSpecifier === undefined || !ts.isStringLiteral(node.moduleSpecifier)) return null;
    return { specifier: node.moduleSpecifier.text, typesOnly: isTypeOnly(node) };
  }
  if (ts.isImportTypeNode(node)) return literal(node.argument, true);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return literal(node.arguments[0], false);
  }
  if (ts.isNewExpression(node) && node.arguments?.[1]?.getText() === 'import.meta.url') {
    const named = literal(node.arguments[0], false);
    return named !== null && /\.tsx?$/.test(named.specifier) ? named : null;
  }
  return null;
}

function literal(node: ts.Node | undefined, typesOnly: boolean): ReturnType<typeof importIn> {
  const inner = node !== undefined && ts.isLiteralTypeNode(node) ? node.literal : node;
  return inner !== undefined && ts.isStringLiteral(inner) ? { specifier: inner.text, typesOnly } : null;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  return ts.isImportDeclaration(node)
    ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    : node.isTypeOnly;
}

function resolveSpecifier(
  file: string,
  specifier: string,
  aliases: Readonly<Record<string, string>>,
): SourceImport['target'] {
  if (specifier.startsWith('.')) return { path: posix.join(posix.dirname(file), specifier) };
  if (specifier.startsWith('node:')) return null;
  if (!specifier.startsWith('#')) {
    return { packageName: specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/') };
  }
  for (const [pattern, path] of Object.entries(aliases)) {
    const prefix = pattern.slice(0, -1);
    if (specifier.startsWith(prefix)) {
      return { path: posix.join(path.slice(0, -1), specifier.slice(prefix.length)) };
    }
  }
  throw new Error(`${file} imports ${specifier}, which no entry of "imports" in package.json names`);
}
