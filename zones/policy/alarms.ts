/** What somebody has to do something about: told once for each cause, and again only when it has gone and come back. */
export class Alarms {
  readonly #standing = new Map<string, string>();
  readonly #tell: (text: string) => void;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** Texts of all that is wrong now. */
  get standing(): readonly string[] {
    return [...this.#standing.values()];
  }

  /** Another text for the same cause is told too. */
  raise(cause: string, text: string): void {
    if (this.#standing.get(cause) === text) return;
    this.#standing.set(cause, text);
    this.#tell(text);
  }

  clear(cause: string): void {
    this.#standing.delete(cause);
  }
}
