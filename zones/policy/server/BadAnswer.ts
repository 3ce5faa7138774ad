/** An answer with status 200, its body not yet read for sense. */
export type Ask = (path: string, body?: unknown) => Promise<unknown>;

/** An answer that cannot be used; the message says why, without a word of what was asked. */
export class BadAnswer extends Error {
  /** Trying again may help: the transport failed, or the server was in trouble. */
  readonly mayRetry: boolean;
  /** It had closed a kept connection meanwhile, which says nothing about the server; trying again is no second try. */
  readonly staleConnection: boolean;

  constructor(message: string, mayRetry = false, staleConnection = false) {
    super(message);
    this.mayRetry = mayRetry;
    this.staleConnection = staleConnection;
  }
}
