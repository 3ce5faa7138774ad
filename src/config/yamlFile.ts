import {
  LineCounter,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { errorText } from '#kernel/index.ts';
import type { Fault } from './fault.ts';

type Path = readonly PropertyKey[];

/** The text of a YAML file, as a value and as places in it. */
export interface YamlFile {
  /** Undefined when the text is not YAML. */
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /** Line and column, from 1, of the key (or list entry) at the path; of the nearest thing above when it is not there. */
  locate(path: Path): { readonly line: number; readonly column: number };
}

/** Our words for what the YAML library finds most often. */
const messages: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is in the same map twice',
  MULTIPLE_DOCS: 'the file holds several YAML documents; only one is allowed',
  TAB_AS_INDENT: 'a tab; YAML is indented with spaces only',
};

/** After one of these the value is still what the text says. */
const harmless = new Set(['DUPLICATE_KEY']);

export function readYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems = [...document.errors, ...document.warnings];
  const faults = problems.map(({ code, message, pos }): Fault => ({
    file,
    ...place(pos[0]),
    message: messages[code] ?? message,
  }));
  const locate = (path: Path): { line: number; column: number } => place(offsetOf(document, path));
  if (problems.some(({ code }) => !harmless.has(code))) return { value: undefined, faults, locate };
  try {
    return { value: document.toJS() as unknown, faults, locate };
  } catch (error) {
    // Aliases that multiply each other.
    return { value: undefined, faults: [...faults, { file, message: errorText(error) }], locate };
  }
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const key of path) {
    const resolved = isAlias(node) ? node.resolve(document) : node;
    if (isMap(resolved)) {
      const pair = resolved.items.find((item) => keyOf(item) === key);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(resolved) && typeof key === 'number') {
      node = resolved.items[key];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : undefined;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
