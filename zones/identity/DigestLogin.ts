import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallerLogin, LoginAttempt, LoginVerdict } from '#signaling/sip/index.ts';
import type { DigestAccounts } from './DigestAccounts.ts';
import {
  algorithmOf,
  digestAlgorithms,
  expectedResponse,
  parseCredentials,
  type DigestAlgorithm,
  type DigestCredentials,
} from './digestCredentials.ts';
import { DigestNonces } from './DigestNonces.ts';
import type { DigestAccount } from './digestUsers.ts';
import { SourcePace } from './SourcePace.ts';

export interface DigestLoginOptions {
  /** The zone's name. */
  readonly realm: string;
  readonly accounts: Pick<DigestAccounts, 'find'>;
  readonly algorithms: readonly DigestAlgorithm[];
  readonly nonces?: DigestNonces;
  readonly pace?: SourcePace;
  readonly nowMs?: () => number;
}

/** SIP digest of one zone (RFC 7616 with `qop=auth`, RFC 8760). Wrong answers slow down their source, and nobody else. */
export class DigestLogin implements CallerLogin {
  readonly #realm: string;
  readonly #accounts: DigestLoginOptions['accounts'];
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #nonces: DigestNonces;
  readonly #pace: SourcePace;
  readonly #nowMs: () => number;
  /** Of a user that nobody has, so that he takes as long as one that there is. */
  readonly #nobody = randomBytes(32).toString('hex');

  constructor(options: DigestLoginOptions) {
    this.#realm = options.realm;
    this.#accounts = options.accounts;
    this.#algorithms = digestAlgorithms.filter((known) => options.algorithms.includes(known));
    this.#nowMs = options.nowMs ?? Date.now;
    this.#nonces = options.nonces ?? new DigestNonces({ nowMs: this.#nowMs });
    this.#pace = options.pace ?? new SourcePace();
  }

  challenges(source: string, stale: boolean): readonly string[] {
    const nonce = this.#nonces.issue(source);
    return this.#algorithms.map(
      (algorithm) =>
        `Digest realm="${this.#realm}", qop="auth", algorithm=${algorithm}, nonce="${nonce}"${stale ? ', stale=true' : ''}`,
    );
  }

  judge({ method, authorization, source }: LoginAttempt): LoginVerdict {
    const credentials = parseCredentials(authorization ?? '').find(({ realm }) => realm === this.#realm);
    if (credentials === undefined) return fault('missing');
    const waitMs = this.#pace.delayMs(source, this.#nowMs());
    if (waitMs > 0) return fault('slowed', waitMs);
    const algorithm = algorithmOf(credentials);
    if (algorithm === undefined || !this.#algorithms.includes(algorithm) || !isWhole(credentials)) {
      return fault('unusable');
    }
    const { nonce = '', nc = '' } = credentials;
    // Not looked at any further, so that nobody can try passwords on nonces that are over.
    if (!this.#nonces.isCurrent(nonce, source)) return fault('stale');
    const account = this.#holderOf(credentials, algorithm, method);
    if (account === undefined) {
      this.#pace.failed(source, this.#nowMs());
      return fault('wrong');
    }
    if (!this.#nonces.take(nonce, nc)) return fault('stale');
    this.#pace.succeeded(source, this.#nowMs());
    return { person: this.#personOf(account) };
  }

  /**
   * Whose password it is. The `uri` that was hashed is not compared with that of the request, which proxies on the way may have changed
   * (RFC 3261 §22.4); a nonce that is for one source, and counted, is what keeps an answer from being used again.
   */
  #holderOf(
    credentials: DigestCredentials,
    algorithm: DigestAlgorithm,
    method: string,
  ): DigestAccount | undefined {
    const account = this.#accounts.find(credentials.username ?? '');
    const ha1 = account?.ha1[algorithm];
    const nobody = this.#nobody.slice(0, hashCharacters[algorithm]);
    const expected = Buffer.from(expectedResponse(algorithm, ha1 ?? nobody, method, credentials));
    const given = Buffer.from((credentials.response ?? '').toLowerCase());
    const isRight = given.length === expected.length && timingSafeEqual(given, expected);
    return isRight && ha1 !== undefined ? account : undefined;
  }

  #personOf({ user, name, groups }: DigestAccount): Extract<LoginVerdict, { person: unknown }>['person'] {
    const person = { method: 'digest', issuer: this.#realm, subject: user, groups } as const;
    return name === undefined ? person : { ...person, name };
  }
}

const hashCharacters = { 'SHA-256': 64, MD5: 32 } as const satisfies Record<DigestAlgorithm, number>;

/** RFC 7616 §3.4: all that `qop=auth` needs. Without it there would be no count, and an answer could be used again. */
function isWhole({ qop, nc, cnonce, response, nonce, uri }: DigestCredentials): boolean {
  return qop?.toLowerCase() === 'auth' && [nc, cnonce, response, nonce, uri].every((value) => value);
}

function fault(reason: Extract<LoginVerdict, { fault: unknown }>['fault'], retryInMs = 0): LoginVerdict {
  return { fault: reason, retryInMs };
}
