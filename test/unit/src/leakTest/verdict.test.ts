import { expect, test } from 'vitest';
import type { Marker } from '#src/leakTest/MarkerBook.ts';
import type { Place } from '#src/leakTest/search/Findings.ts';
import { leakTable } from '#src/leakTest/table.ts';
import { serverNameField, verdictOf } from '#src/leakTest/verdict.ts';

const alice: Marker = { value: 'm1', field: 'display name', caller: { name: 'Alice', zone: 'core' } };
const bob: Marker = { value: 'm2', field: 'display name', caller: { name: 'Bob', zone: 'meetme' } };
const tag: Marker = { value: 'm3', field: 'From tag', caller: alice.caller };
const server: Marker = { value: 'm4', field: serverNameField, caller: { name: 'Trudy', zone: undefined } };

test.each<[string, Marker, Place, string]>([
  ['the log', alice, { kind: 'log', detail: '' }, 'leak'],
  ['a file, of its own zone too', alice, { kind: 'files', zone: 'core', detail: '' }, 'leak'],
  ['figures of its own zone', alice, { kind: 'metrics', zone: 'core', detail: '' }, 'leak'],
  ['an environment', alice, { kind: 'processes', zone: 'core', detail: '' }, 'leak'],
  ['the memory of its own zone', alice, { kind: 'memory', zone: 'core', detail: '' }, 'inside'],
  ['the memory of another zone', alice, { kind: 'memory', zone: 'meetme', detail: '' }, 'leak'],
  ['the memory of the supervisor', alice, { kind: 'memory', detail: '' }, 'leak'],
  ['records of its own zone', alice, { kind: 'records', zone: 'core', detail: '' }, 'inside'],
  ['records of another zone', alice, { kind: 'records', zone: 'meetme', detail: '' }, 'leak'],
  ['what the caller itself hears', tag, { kind: 'far end', zone: 'core', detail: 'Alice' }, 'inside'],
  ['what a colleague hears, for a name', alice, { kind: 'far end', zone: 'core', detail: 'Ann' }, 'allowed'],
  ['what a colleague hears, for a tag', tag, { kind: 'far end', zone: 'core', detail: 'Ann' }, 'leak'],
  ['what another party hears', alice, { kind: 'far end', zone: 'meetme', detail: 'Bob' }, 'leak'],
  [
    'what others hear where names are opaque',
    bob,
    { kind: 'far end', zone: 'meetme', detail: 'Erin' },
    'leak',
  ],
  ['the listener, for the name that it routes by', server, { kind: 'memory', detail: '' }, 'allowed'],
  ['the log, for the name that the listener routes by', server, { kind: 'log', detail: '' }, 'leak'],
  ['a zone, for a name that it never saw', server, { kind: 'memory', zone: 'core', detail: '' }, 'leak'],
])('a marker in %s', (_where, marker, place, verdict) => {
  expect(verdictOf({ marker, place })).toBe(verdict);
});

test('the table shows a leak where the same field is also where it has to be', () => {
  const found = (marker: Marker, place: Place) => ({ marker, form: 'as it is', place });
  const table = leakTable(
    [alice, tag],
    [
      found(alice, { kind: 'memory', zone: 'core', detail: '' }),
      found(alice, { kind: 'log', detail: '' }),
      found(tag, { kind: 'memory', zone: 'core', detail: '' }),
    ],
  );
  const [, , name, fromTag] = table.split('\n').map((line) => line.replaceAll(' ', ''));
  expect(name).toBe('|displayname|LEAK|-|-|-|-|-|-|-|x|-|-|');
  expect(fromTag).toBe('|Fromtag|-|-|-|-|-|-|-|-|x|-|-|');
});
