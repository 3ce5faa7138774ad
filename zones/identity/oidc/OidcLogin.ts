import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { Closable, errorCodeOf, errorText, ZonebridgeError, type Log } from '#kernel/index.ts';
import type { AuthenticatedPerson } from '#signaling/call.ts';
import type { WebIdentity } from '#signaling/web/index.ts';
import type { ZoneConfig } from '../../config/schema.ts';
import { fault, goTo, send, type Answer } from './answers.ts';
import { BrowserSessions, type LogoutSubject } from './BrowserSessions.ts';
import { cookieNames, dropCookie, readCookie, writeCookie } from './cookies.ts';
import { LoginTickets, ticketLifetimeMs } from './LoginTickets.ts';
import { LogoutTokens } from './LogoutTokens.ts';
import { personOfClaims } from './personOfClaims.ts';
import { Provider, type LoginAnswer } from './Provider.ts';
import { isReturnPath } from './returnPath.ts';

/** A working day with its evening; then the person logs in again, which a provider that still knows him does by itself. */
const defaultSessionMs = 12 * 3_600_000;
const maxFormBytes = 32 * 1024;
/** Codes that are being exchanged. Anybody can make one up, and each costs the provider a request. */
const maxExchanges = 32;

export type OidcConfig = NonNullable<ZoneConfig['identity']['oidc']>;

export interface OidcLoginOptions {
  readonly config: OidcConfig;
  /** Under which browsers reach this zone: `https://meet.example.org:8443`, one for each domain. The provider must know each with `/api/login/callback`. */
  readonly origins: readonly string[];
  readonly log: Log;
  readonly sessionMs?: number;
}

export interface OidcLoginEvents {
  /** Somebody's session ended, here or at the provider: his calls must end. */
  loggedOut: [logout: LogoutSubject];
}

/** Login of people in the browser: OpenID Connect, authorization code with PKCE (RFC 7636), and back-channel logout. */
export class OidcLogin extends Closable implements WebIdentity {
  readonly #provider: Provider;
  readonly #origins: ReadonlyMap<string, string>;
  readonly #groupsClaim: string;
  readonly #sessionMs: number;
  readonly #log: Log;
  readonly #tickets = new LoginTickets();
  readonly #sessions = new BrowserSessions();
  readonly #logoutTokens = new LogoutTokens();
  readonly #events = new EventEmitter<OidcLoginEvents>();
  #exchanges = 0;

  /** Reads the files that the config names. Throws `config-invalid`. */
  static async create(options: OidcLoginOptions): Promise<OidcLogin> {
    const { issuer, client_id: clientId, client_secret_file: secretFile, scopes, ca } = options.config;
    if (new URL(issuer).protocol !== 'https:')
      throw new ZonebridgeError('config-invalid', `identity.oidc.issuer ${issuer} must begin with https://`);
    const secret = await readOptional('client_secret_file', secretFile);
    const caText = await readOptional('ca', ca);
    const provider = new Provider({
      issuer,
      clientId,
      scopes: scopes.includes('openid') ? scopes : ['openid', ...scopes],
      ...(secret === undefined ? {} : { clientSecret: secret.trim() }),
      ...(caText === undefined ? {} : { ca: caText }),
    });
    return new OidcLogin(options, provider);
  }

  private constructor({ config, origins, log, sessionMs }: OidcLoginOptions, provider: Provider) {
    super();
    this.#provider = provider;
    this.#origins = new Map(origins.map((origin) => [new URL(origin).host, new URL(origin).origin]));
    this.#groupsClaim = config.groups_claim;
    this.#sessionMs = sessionMs ?? defaultSessionMs;
    this.#log = log;
  }

  on(event: 'loggedOut', listener: (logout: LogoutSubject) => void): void {
    this.#events.on(event, listener);
  }

  personOf(request: IncomingMessage): AuthenticatedPerson | undefined {
    return this.#sessions.personOf(readCookie(request, cookieNames.session));
  }

  routes(app: FastifyInstance): void {
    const route = (answer: (request: FastifyRequest) => Answer | Promise<Answer>): RouteHandlerMethod => {
      return async (request, reply) => {
        await send(reply, await answer(request));
      };
    };
    // In a scope of their own, so that nothing else of the page takes forms.
    void app.register((scope, _options, done) => {
      scope.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string', bodyLimit: maxFormBytes },
        (_request, body, parsed) => parsed(null, new URLSearchParams(body.toString())),
      );
      scope.get(
        '/api/login',
        route((request) => this.#begin(request)),
      );
      scope.get(
        '/api/login/callback',
        route((request) => this.#finish(request)),
      );
      scope.post(
        '/api/logout',
        route((request) => this.#logout(request)),
      );
      scope.post(
        '/api/backchannel-logout',
        route(({ body }) => this.#logoutByProvider(body)),
      );
      done();
    });
  }

  protected release(): void {
    this.#events.removeAllListeners();
  }

  /** Sends the browser to the provider. */
  async #begin(request: FastifyRequest): Promise<Answer> {
    const { return: returnPath } = request.query as Readonly<Record<string, unknown>>;
    const origin = this.#originOf(request);
    if (!isReturnPath(returnPath) || origin === undefined)
      return fault(400, 'invalid_request', 'return must be the path of a room of this server: /ROOM');
    try {
      const { url, ticket } = await this.#provider.begin(callbackOf(origin), returnPath);
      const sealed = await this.#tickets.seal(ticket);
      return goTo(url.href, writeCookie(cookieNames.login, sealed, ticketLifetimeMs));
    } catch (error) {
      return this.#failed(returnPath, error);
    }
  }

  /** The browser comes back from the provider. */
  async #finish(request: FastifyRequest): Promise<Answer> {
    const sealed = readCookie(request.raw, cookieNames.login);
    const ticket = sealed === undefined ? undefined : await this.#tickets.open(sealed);
    const origin = this.#originOf(request);
    if (ticket === undefined || origin === undefined)
      return this.#refused('/', 'this browser has begun no login, or too long ago');
    const { returnPath } = ticket;
    if (this.#exchanges >= maxExchanges) return this.#refused(returnPath, 'too many logins at once');
    this.#exchanges++;
    try {
      const answer = await this.#provider.finish(new URL(request.url, origin), ticket);
      if (answer.kind === 'refused') return this.#refused(returnPath, answer.reason);
      this.#sessions.close(readCookie(request.raw, cookieNames.session));
      const id = this.#sessions.open({ person: this.#personOf(answer), idToken: answer.signed });
      this.#log.info('somebody has logged in');
      const session = writeCookie(cookieNames.session, id, this.#sessionMs);
      const loggedIn = writeCookie(cookieNames.loggedIn, '1', this.#sessionMs);
      return goTo(returnPath, session, loggedIn, dropCookie(cookieNames.login));
    } catch (error) {
      return this.#failed(returnPath, error);
    } finally {
      this.#exchanges--;
    }
  }

  /** The person logs out in this browser; the answer says where to go on, which may be the provider. */
  async #logout(request: FastifyRequest): Promise<Answer> {
    const { origin } = request.headers;
    // A page of another site must not log its visitors out.
    if (origin === undefined || this.#originOf(request) !== origin)
      return fault(403, 'access_denied', 'a logout comes from the page of this server itself');
    const session = this.#sessions.close(readCookie(request.raw, cookieNames.session));
    if (session !== undefined) {
      const { issuer, subject, sessionId } = session.person;
      this.#events.emit('loggedOut', { issuer, subject, sessionId });
    }
    const location = session === undefined ? '/' : await this.#logoutPlace(session.idToken, `${origin}/`);
    const cookies = [dropCookie(cookieNames.session), dropCookie(cookieNames.loggedIn)];
    return { status: 200, cookies, body: { location } };
  }

  /** Here he is logged out whatever the provider does. */
  async #logoutPlace(idToken: string, returnTo: string): Promise<string> {
    try {
      return (await this.#provider.endSession(idToken, returnTo))?.href ?? '/';
    } catch (error) {
      this.#log.warn({ code: errorCodeOf(error) }, 'somebody has logged out here, but not at the provider');
      return '/';
    }
  }

  /** The provider says that somebody has logged out there (OpenID Connect Back-Channel Logout 1.0 §2.5). */
  async #logoutByProvider(form: unknown): Promise<Answer> {
    const token = form instanceof URLSearchParams ? form.get('logout_token') : null;
    if (token === null) return fault(400, 'invalid_request', 'logout_token is missing');
    try {
      const verdict = await this.#logoutTokens.take(token, await this.#provider.verification());
      if (verdict.kind === 'refused') {
        this.#log.warn({ reason: verdict.reason }, 'logout token refused');
        return fault(400, 'invalid_request', verdict.reason);
      }
      this.#sessions.closeAll(verdict.logout);
      this.#log.info('the identity provider has ended a session');
      this.#events.emit('loggedOut', verdict.logout);
      return { status: 200 };
    } catch (error) {
      this.#log.warn({ code: errorCodeOf(error) }, 'logout token could not be checked');
      this.#log.debug({ error: errorText(error) }, 'keys of the identity provider');
      return fault(503, 'temporarily_unavailable', 'the keys of the provider cannot be had; send it again');
    }
  }

  #personOf({ idToken, userInfo }: Extract<LoginAnswer, { kind: 'person' }>): AuthenticatedPerson {
    const expiresAtMs = Date.now() + this.#sessionMs;
    return personOfClaims(idToken, userInfo, { groupsClaim: this.#groupsClaim, expiresAtMs });
  }

  #originOf(request: FastifyRequest): string | undefined {
    return this.#origins.get(request.headers.host?.toLowerCase() ?? '');
  }

  /** The page says in its own words that it did not work. */
  #refused(returnPath: string, reason: string): Answer {
    this.#log.info({ reason }, 'login refused');
    return goTo(`${returnPath}?login=failed`, dropCookie(cookieNames.login));
  }

  #failed(returnPath: string, error: unknown): Answer {
    this.#log.warn({ code: errorCodeOf(error) }, 'the identity provider gives no usable answer');
    this.#log.debug({ error: errorText(error) }, 'login failed');
    return goTo(`${returnPath}?login=unavailable`, dropCookie(cookieNames.login));
  }
}

function callbackOf(origin: string): string {
  return `${origin}/api/login/callback`;
}

async function readOptional(key: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ZonebridgeError('config-invalid', `identity.oidc.${key}: ${path} cannot be read`, { cause });
  }
}
