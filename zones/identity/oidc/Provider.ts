import { createRemoteJWKSet, customFetch as joseFetch, type JWTVerifyGetKey } from 'jose';
import * as oidc from 'openid-client';
import { errorText, ZonebridgeError } from '#kernel/index.ts';
import { issuerFetch } from './issuerFetch.ts';
import type { LoginTicket } from './LoginTickets.ts';
import type { LogoutVerification } from './LogoutTokens.ts';
import type { Claims } from './personOfClaims.ts';

/** Signatures that only the provider can make; never one under a secret that we hold too. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** A provider's document is asked for again after this, and after a failure not sooner than that. */
const documentLifetimeMs = 3_600_000;
const failurePauseMs = 3_000;

export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret?: string;
  readonly scopes: readonly string[];
  /** PEM of the CAs of the provider's certificate. Absent: those of Node. */
  readonly ca?: string;
}

interface Discovered {
  readonly config: oidc.Configuration;
  readonly keys: JWTVerifyGetKey;
}

/** What a provider said of who came back from it. */
export type LoginAnswer =
  | {
      readonly kind: 'person';
      readonly idToken: oidc.IDToken;
      /** The same as it was signed. */
      readonly signed: string;
      readonly userInfo: Claims;
    }
  /** `reason` is for the log, and names no person. */
  | { readonly kind: 'refused'; readonly reason: string };

/** An OpenID provider as its client sees it. It is asked for its document when first needed, so a zone starts without it. */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #fetch: ReturnType<typeof issuerFetch>;
  #discovered: Promise<Discovered> | undefined;
  #staleAtMs = 0;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#fetch = issuerFetch(options.ca);
  }

  /** Where to send the browser, and what must come back. Rejects with `unreachable`. */
  async begin(redirectUri: string, returnPath: string): Promise<{ url: URL; ticket: LoginTicket }> {
    const { config } = await this.#discover();
    const ticket = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
      returnPath,
    };
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: this.#options.scopes.join(' '),
      state: ticket.state,
      nonce: ticket.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(ticket.verifier),
      code_challenge_method: 'S256',
    });
    return { url, ticket };
  }

  /** `address` is what the provider sent the browser to. Rejects with `unreachable`. */
  async finish(address: URL, { state, nonce, verifier }: LoginTicket): Promise<LoginAnswer> {
    const { config } = await this.#discover();
    try {
      const tokens = await oidc.authorizationCodeGrant(config, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const [idToken, signed] = [tokens.claims(), tokens.id_token];
      if (idToken === undefined || signed === undefined) return { kind: 'refused', reason: 'no ID token' };
      const hasUserInfo = config.serverMetadata().userinfo_endpoint !== undefined;
      const userInfo = hasUserInfo ? await oidc.fetchUserInfo(config, tokens.access_token, idToken.sub) : {};
      return { kind: 'person', idToken, signed, userInfo };
    } catch (error) {
      const ours = ownError(error);
      if (ours !== undefined) throw ours;
      return { kind: 'refused', reason: reasonOf(error) };
    }
  }

  /**
   * Where to send a browser whose person logs out there as well, and comes back to `returnTo`, which the provider must know; undefined
   * when it has no such place (OpenID Connect RP-Initiated Logout 1.0). Rejects with `unreachable`.
   */
  async endSession(idToken: string, returnTo: string): Promise<URL | undefined> {
    const { config } = await this.#discover();
    if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
    return oidc.buildEndSessionUrl(config, { id_token_hint: idToken, post_logout_redirect_uri: returnTo });
  }

  /** By what its logout tokens are verified. Rejects with `unreachable`. */
  async verification(): Promise<LogoutVerification> {
    const { config, keys } = await this.#discover();
    const { issuer } = config.serverMetadata();
    return { issuer, clientId: this.#options.clientId, keys, algorithms };
  }

  #discover(): Promise<Discovered> {
    if (this.#discovered !== undefined && Date.now() < this.#staleAtMs) return this.#discovered;
    const discovered = this.#ask();
    this.#discovered = discovered;
    this.#staleAtMs = Date.now() + documentLifetimeMs;
    discovered.catch(() => {
      this.#staleAtMs = Date.now() + failurePauseMs;
    });
    return discovered;
  }

  async #ask(): Promise<Discovered> {
    const { issuer, clientId, clientSecret } = this.#options;
    const fetch: oidc.CustomFetch = (url, options) => this.#fetch(url, options);
    try {
      const found = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), {
        [oidc.customFetch]: fetch,
      });
      const metadata = found.serverMetadata();
      const config = new oidc.Configuration(
        metadata,
        clientId,
        undefined,
        clientAuth(metadata, clientSecret),
      );
      config[oidc.customFetch] = fetch;
      // The token comes from the provider itself over TLS; its signature is checked all the same.
      oidc.enableNonRepudiationChecks(config);
      return { config, keys: this.#keysOf(metadata) };
    } catch (cause) {
      const message = `the document of the identity provider ${issuer} cannot be had; check identity.oidc.issuer and ca`;
      throw new ZonebridgeError('unreachable', message, { cause });
    }
  }

  #keysOf({ jwks_uri: address }: oidc.ServerMetadata): JWTVerifyGetKey {
    if (address === undefined) throw new ZonebridgeError('bad-message', 'it names no jwks_uri');
    return createRemoteJWKSet(new URL(address), { [joseFetch]: (url, options) => this.#fetch(url, options) });
  }
}

function clientAuth(metadata: oidc.ServerMetadata, secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  // OpenID Connect Discovery §3: a provider that names no methods has this one.
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? oidc.ClientSecretBasic(secret)
    : oidc.ClientSecretPost(secret);
}

/** What our own fetch has thrown, from under what the library made of it. */
function ownError(error: unknown): ZonebridgeError | undefined {
  if (error instanceof ZonebridgeError) return error;
  return error instanceof Error ? ownError(error.cause) : undefined;
}

function reasonOf(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return `the provider says ${error.error.replace(/[^\w-]/g, '').slice(0, 64)}`;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return `${error.code}: ${error.message}`;
  return errorText(error);
}
