import { ZonebridgeError } from '#kernel/index.ts';
import type { SipHeaders } from './contract.ts';
import { isToken, splitList } from './grammar.ts';

/** RFC 3261 §7.3.3 and IANA's list of compact forms. */
const compactForms: ReadonlyMap<string, string> = new Map([
  ['a', 'Accept-Contact'],
  ['b', 'Referred-By'],
  ['c', 'Content-Type'],
  ['d', 'Request-Disposition'],
  ['e', 'Content-Encoding'],
  ['f', 'From'],
  ['i', 'Call-ID'],
  ['j', 'Reject-Contact'],
  ['k', 'Supported'],
  ['l', 'Content-Length'],
  ['m', 'Contact'],
  ['n', 'Identity-Info'],
  ['o', 'Event'],
  ['r', 'Refer-To'],
  ['s', 'Subject'],
  ['t', 'To'],
  ['u', 'Allow-Events'],
  ['v', 'Via'],
  ['x', 'Session-Expires'],
  ['y', 'Identity'],
]);

interface Field {
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

/** See `SipHeaders`. Writing throws `invalid-argument` for what would not be one header line. */
export class HeaderList implements SipHeaders {
  #fields: Field[] = [];

  constructor(fields: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of fields) this.append(name, value);
  }

  /** How many header fields there are. */
  get size(): number {
    return this.#fields.length;
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (const { name, value } of this.#fields) yield [name, value];
  }

  get(name: string): string | undefined {
    const key = keyOf(name);
    return this.#fields.find((field) => field.key === key)?.value;
  }

  all(name: string): string[] {
    const key = keyOf(name);
    return this.#fields.filter((field) => field.key === key).map((field) => field.value);
  }

  list(name: string): string[] {
    return this.all(name).flatMap((value) => splitList(value).filter((element) => element !== ''));
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(name: string, value: string): void {
    const field = checkedField(name, value);
    const at = this.#fields.findIndex(({ key }) => key === field.key);
    if (at < 0) this.#fields.push(field);
    else
      this.#fields = this.#fields.with(at, field).filter((other, i) => i === at || other.key !== field.key);
  }

  append(name: string, value: string): void {
    this.#fields.push(checkedField(name, value));
  }

  prepend(name: string, value: string): void {
    this.#fields.unshift(checkedField(name, value));
  }

  delete(name: string): void {
    const key = keyOf(name);
    this.#fields = this.#fields.filter((field) => field.key !== key);
  }

  /** Header lines with their CRLF, without the empty line. */
  toString(): string {
    return this.#fields.map(({ name, value }) => `${name}: ${value}\r\n`).join('');
  }
}

function keyOf(name: string): string {
  const lower = name.toLowerCase();
  return compactForms.get(lower)?.toLowerCase() ?? lower;
}

function checkedField(name: string, value: string): Field {
  if (!isToken(name)) throw new ZonebridgeError('invalid-argument', 'a header name must be a token');
  if (/[\r\n]/.test(value)) throw new ZonebridgeError('invalid-argument', `${name} must be one line`);
  return { key: keyOf(name), name: compactForms.get(name.toLowerCase()) ?? name, value };
}
