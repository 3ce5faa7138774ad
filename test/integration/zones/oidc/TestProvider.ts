import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { createTestCa, issueCertificate } from '#src/testCa/issue.ts';

export const clientId = 'zonebridge-test';
export const clientSecret = 'a secret of the client';
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const keyId = 'key-1';

interface Grant {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

interface Keys {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

/** A small OpenID provider: it logs everybody in as `claims` says, without asking. */
export class TestProvider implements AsyncDisposable {
  readonly ca: string;
  readonly #server: Server;
  readonly #keys: Keys;
  readonly #forger: Keys;
  readonly #grants = new Map<string, Grant>();
  /** What it says of the person, in the ID token. */
  claims: JWTPayload = { sub: 'alice', sid: 'session-1', groups: ['staff', 'board'] };
  /** What it says of the person to who holds the access token. */
  userInfo: Record<string, unknown> = {
    ...{ sub: 'alice', name: 'Alice Example' },
    ...{ email: 'alice@example.org', email_verified: true },
  };
  /** Seconds until an ID token expires; negative for one that has. */
  lifetimeSeconds = 300;
  /** Signs under the same key id with another key. */
  forging = false;
  /** Its document names a place where people log out. */
  endsSessions = false;
  /** Who has logged out there. */
  readonly endedSessions: string[] = [];
  /** Answers nothing but 500. */
  broken = false;
  /** The person presses "no". */
  denying = false;

  static async start(): Promise<TestProvider> {
    const ca = await createTestCa();
    const { certificate, key } = await issueCertificate(ca, ['localhost']);
    const server = createServer({ cert: certificate, key });
    const pairs = [await generateKeyPair('ES256'), await generateKeyPair('ES256')] as const;
    const provider = new TestProvider(ca.certificate, server, pairs);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return provider;
  }

  private constructor(ca: string, server: Server, [keys, forger]: readonly [Keys, Keys]) {
    this.ca = ca;
    this.#server = server;
    this.#keys = keys;
    this.#forger = forger;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  get issuer(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A logout token of this provider, changed as the test wants. */
  logoutToken(
    change: Readonly<Record<string, unknown>> = {},
    { forged = false, issuedAgoSeconds = 0 } = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000) - issuedAgoSeconds;
    const token = { iss: this.issuer, aud: clientId, iat: now, exp: now + 120, jti: randomUUID() };
    const payload = { ...token, events: { [logoutEvent]: {} }, ...change };
    // A claim that the test sets to undefined is not in the token.
    return this.#sign(JSON.parse(JSON.stringify(payload)) as JWTPayload, forged, 'logout+jwt');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    if (this.broken) return json(response, 500, { error: 'server_error' });
    if (url.pathname === '/.well-known/openid-configuration') return json(response, 200, this.#document);
    if (url.pathname === '/jwks') {
      const key = await exportJWK(this.#keys.publicKey);
      return json(response, 200, { keys: [{ ...key, kid: keyId, alg: 'ES256', use: 'sig' }] });
    }
    if (url.pathname === '/authorize') return this.#authorize(url, response);
    if (url.pathname === '/token') return this.#token(request, response);
    if (url.pathname === '/end-session') return this.#endSession(url, response);
    if (url.pathname === '/userinfo') return json(response, 200, this.userInfo);
    json(response, 404, {});
  }

  get #document(): object {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      ...(this.endsSessions ? { end_session_endpoint: `${issuer}/end-session` } : {}),
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    };
  }

  /** OpenID Connect RP-Initiated Logout 1.0. */
  async #endSession({ searchParams }: URL, response: ServerResponse): Promise<void> {
    const hint = searchParams.get('id_token_hint') ?? '';
    const { payload } = await jwtVerify(hint, this.#keys.publicKey, {
      issuer: this.issuer,
      audience: clientId,
    });
    if (searchParams.get('client_id') !== clientId) throw new Error('client_id is another');
    this.endedSessions.push(payload.sub ?? '');
    response.writeHead(303, { Location: searchParams.get('post_logout_redirect_uri') ?? '' }).end();
  }

  #authorize({ searchParams }: URL, response: ServerResponse): void {
    const given = (name: string): string => searchParams.get(name) ?? '';
    const back = new URL(given('redirect_uri'));
    back.searchParams.set('state', given('state'));
    const fits =
      given('client_id') === clientId &&
      given('code_challenge_method') === 'S256' &&
      given('scope').split(' ').includes('openid');
    if (!fits) return json(response, 400, { error: 'invalid_request' });
    if (this.denying) back.searchParams.set('error', 'access_denied');
    else {
      const code = randomUUID();
      const [nonce, challenge] = [given('nonce'), given('code_challenge')];
      this.#grants.set(code, { nonce, challenge, redirectUri: given('redirect_uri') });
      back.searchParams.set('code', code);
    }
    response.writeHead(302, { Location: back.href }).end();
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams((await request.toArray()).join(''));
    const [user, password] = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64')
      .toString()
      .split(':')
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    if (user !== clientId || password !== clientSecret)
      return json(response, 401, { error: 'invalid_client' });
    const code = form.get('code') ?? '';
    const grant = this.#grants.get(code);
    this.#grants.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant?.challenge !== challenge || grant.redirectUri !== form.get('redirect_uri'))
      return json(response, 400, { error: 'invalid_grant' });
    json(response, 200, {
      access_token: randomUUID(),
      token_type: 'Bearer',
      id_token: await this.#idToken(grant.nonce),
    });
  }

  #idToken(nonce: string): Promise<string> {
    const exp = Math.floor(Date.now() / 1000) + this.lifetimeSeconds;
    const iat = exp - Math.max(300, this.lifetimeSeconds);
    const payload = { iss: this.issuer, aud: clientId, nonce, exp, iat, ...this.claims };
    return this.#sign(payload, this.forging, 'JWT');
  }

  #sign(payload: JWTPayload, forged: boolean, typ: string): Promise<string> {
    const { privateKey } = forged ? this.#forger : this.#keys;
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: keyId, typ }).sign(privateKey);
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
