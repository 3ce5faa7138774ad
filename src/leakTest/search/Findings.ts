import type { Marker } from '../MarkerBook.ts';

/** Where something was found. */
export interface Place {
  readonly kind: PlaceKind;
  /** Of whose data it is; undefined for what is of the whole server. */
  readonly zone?: string;
  /** What a person would look at: a file, a process, who received it. */
  readonly detail: string;
}

export const placeKinds = [
  'log', // lines of all our processes at the default level
  'files', // bytes below the data folder and of temporary files
  'metrics', // what a zone's own API answers
  'processes', // environment, command line and title
  'memory', // of a process
  'records', // opened with the owner's key
  'far end', // what somebody received, after TLS and SRTP
] as const;
export type PlaceKind = (typeof placeKinds)[number];

export interface Finding {
  readonly marker: Marker;
  readonly form: string;
  readonly place: Place;
}

/** What was found, each marker once a place and form. */
export class Findings {
  readonly #found = new Map<string, Finding>();
  readonly #searchedBytes = new Map<PlaceKind, number>();

  get all(): readonly Finding[] {
    return [...this.#found.values()];
  }

  add(marker: Marker, form: string, place: Place): void {
    const { kind, zone = '', detail } = place;
    this.#found.set([marker.value, form, kind, zone, detail].join('\0'), { marker, form, place });
  }

  searched(kind: PlaceKind, bytes: number): void {
    this.#searchedBytes.set(kind, this.searchedBytes(kind) + bytes);
  }

  searchedBytes(kind: PlaceKind): number {
    return this.#searchedBytes.get(kind) ?? 0;
  }
}
