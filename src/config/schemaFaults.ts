import type { z } from 'zod';
import { allowedKeys, allowedText, descriptionOf } from './allowed.ts';
import type { PathFault } from './fault.ts';
import { suggestion } from './suggestion.ts';

type Issue = z.core.$ZodIssue;

/** What the schema finds wrong, in words that say what is allowed there. */
export function schemaFaults(issues: readonly Issue[], value: unknown): readonly PathFault[] {
  return issues.flatMap((issue) => faultsOf(issue, valueAt(value, issue.path)));
}

function faultsOf(issue: Issue, given: unknown): readonly PathFault[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKeyText(key, path) }));
  }
  if (given === undefined && issue.code === 'invalid_type') {
    const message = `${String(path.at(-1))} is missing; it must be ${allowedText(path)}`;
    const description = descriptionOf(path);
    return [{ path, message: description === undefined ? message : `${message}. ${description}` }];
  }
  return [{ path, message: `${where(path)}${valueText(issue, given)}` }];
}

function valueText(issue: Issue, given: unknown): string {
  // Messages of our own, from the schema, begin in lower case; the library's do not.
  if (/^[a-z]/.test(issue.message)) return `${shown(given)} ${issue.message}`;
  return `must be ${allowedText(issue.path)}, not ${shown(given)}`;
}

function unknownKeyText(key: string, path: readonly PropertyKey[]): string {
  const allowed = allowedKeys(path);
  const meant = suggestion(key, allowed);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return `unknown key ${key}.${hint} Allowed here: ${allowed.join(', ')}`;
}

function where(path: readonly PropertyKey[]): string {
  const names = path.filter((key) => typeof key === 'string');
  return names.length === 0 ? '' : `${String(names.at(-1))}: `;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'this list';
  if (typeof value === 'object') return 'this map';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
