import type { ZoneConfig } from '../config/schema.ts';

export type NamesRule = ZoneConfig['names'];

/** Somebody in a conference, as far as his name goes. */
export interface NamedPerson {
  /** His own in the conference. */
  readonly id: string;
  /** As he names himself. */
  readonly name: string;
  readonly party: string;
  readonly role: 'host' | 'guest';
  /** He asked that others do not learn who he is (RFC 3323). */
  readonly wantsPrivacy: boolean;
}

/** Strangers to each other, so nobody is of the own party by being one. */
const noParty = 'guest';
const anonymous = 'Anonymous';

/**
 * How people of one conference are named to each other. Those of one organisation see each other's own names; to others a person
 * is what the rule makes of him: his name (`real`), `Host 1`, `Partner acme 1` or `Guest 1` (`role`), or `Guest 1` whoever he is
 * (`opaque`). Such a name stays with a person for the whole conference and is given to nobody else, even after he left. Who asked for
 * privacy is `Anonymous` to all, the second `Anonymous 2`.
 */
export class NameRule {
  readonly #rule: NamesRule;
  readonly #byPartner: Readonly<Record<string, NamesRule>>;
  readonly #aliases = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** `byPartner`: for the people of partners whose `names` says something else than the zone's. */
  constructor(rule: NamesRule, byPartner: Readonly<Record<string, NamesRule>> = {}) {
    this.#rule = rule;
    this.#byPartner = byPartner;
  }

  /** For the roster of a viewer of that party. */
  shown(person: NamedPerson, viewerParty: string): string {
    const isOwn = person.party === viewerParty && viewerParty !== noParty;
    return isOwn && !person.wantsPrivacy ? person.name : this.tileLabel(person);
  }

  /** On the picture, which is one for all viewers: what every party may see. */
  tileLabel(person: NamedPerson): string {
    if (person.wantsPrivacy) return this.#alias(person.id, anonymous);
    const rule = this.#ruleFor(person.party);
    if (rule === 'real') return person.name;
    return this.#alias(person.id, rule === 'opaque' ? 'Guest' : titleOf(person));
  }

  #ruleFor(party: string): NamesRule {
    return Object.hasOwn(this.#byPartner, party) ? (this.#byPartner[party] ?? this.#rule) : this.#rule;
  }

  #alias(id: string, title: string): string {
    const known = this.#aliases.get(id);
    if (known !== undefined) return known;
    const count = (this.#counts.get(title) ?? 0) + 1;
    this.#counts.set(title, count);
    const alias = title === anonymous && count === 1 ? title : `${title} ${count}`;
    this.#aliases.set(id, alias);
    return alias;
  }
}

function titleOf({ party, role }: NamedPerson): string {
  if (party !== 'own' && party !== noParty) return `Partner ${party}`;
  return role === 'host' ? 'Host' : 'Guest';
}
