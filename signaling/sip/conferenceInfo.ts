import { mediaType } from './body.ts';
import type { DrachtioMessage } from './drachtio.ts';

/** RFC 4575 §7. */
export const conferenceInfoType = 'application/conference-info+xml';

/** What a document of the conference package says of how many there are. Who they are is read by nobody here. */
export interface RosterDocument {
  /** False: tells changes only. */
  readonly isFull: boolean;
  /** As the focus counts them, who may count more than it names. */
  readonly count?: number;
  readonly users: readonly { readonly entity: string; readonly isGone: boolean }[];
}

const mostUsers = 1000;
const root = /<(?:[\w.-]{1,32}:)?conference-info(?=[\s/>])([^<>]{0,1024})/;
const userCount = /<(?:[\w.-]{1,32}:)?user-count\s{0,16}>\s{0,16}(\d{1,6})\s{0,16}</;
const user = /<(?:[\w.-]{1,32}:)?user(?=[\s/>])([^<>]{0,1024})/g;

/** Undefined for what is no such document. */
export function readConferenceInfo(message: DrachtioMessage): RosterDocument | undefined {
  if (mediaType(message.get('Content-Type') ?? '') !== conferenceInfoType) return undefined;
  const ofRoot = root.exec(message.body)?.[1];
  if (ofRoot === undefined) return undefined;
  const count = userCount.exec(message.body)?.[1];
  const users = [...message.body.matchAll(user)].slice(0, mostUsers).flatMap(([, own = '']) => {
    const entity = attribute(own, 'entity');
    return entity === undefined ? [] : [{ entity, isGone: attribute(own, 'state') === 'deleted' }];
  });
  const isFull = (attribute(ofRoot, 'state') ?? 'full') === 'full';
  return { isFull, users, ...(count === undefined ? {} : { count: Number(count) }) };
}

const attributes = {
  state: /\sstate\s{0,16}=\s{0,16}(?:"([^"]*)"|'([^']*)')/,
  entity: /\sentity\s{0,16}=\s{0,16}(?:"([^"]*)"|'([^']*)')/,
} as const;

function attribute(text: string, name: keyof typeof attributes): string | undefined {
  const [, quoted, single] = attributes[name].exec(text) ?? [];
  return quoted ?? single;
}

/** How many are in a conference, by all that its focus has told. */
export class AnnouncedRoster {
  readonly #users = new Set<string>();
  #count: number | undefined;

  /** Ours is one of them. */
  get size(): number {
    return Math.max(this.#count ?? 0, this.#users.size);
  }

  follow({ isFull, count, users }: RosterDocument): void {
    if (isFull) this.#users.clear();
    if (isFull || count !== undefined) this.#count = count;
    for (const { entity, isGone } of users) {
      if (isGone) this.#users.delete(entity);
      else if (this.#users.size < mostUsers) this.#users.add(entity);
    }
  }
}
