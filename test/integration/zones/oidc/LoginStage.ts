import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '#kernel/index.ts';
import type { AuthenticatedPerson } from '#signaling/call.ts';
import { OidcLogin, type LogoutSubject } from '#zones/identity/oidc/index.ts';
import { EdgeFixture, type BrowserStandIn } from '../../web/EdgeFixture.ts';
import { clientId, clientSecret, TestProvider } from './TestProvider.ts';

/** What the page's address is, wherever the port of the test is. */
export const origin = 'https://meet.localhost';

export interface Answer {
  readonly status: number;
  readonly location: string;
  readonly cookies: readonly string[];
  readonly body: string;
}

interface StageOptions {
  readonly sessionMs?: number;
  /** The built page; absent: a page of one line. */
  readonly webRoot?: string;
}

/** A provider, a zone's web edge with login, and what the edge tells the zone. */
export class LoginStage implements AsyncDisposable {
  readonly provider: TestProvider;
  readonly edge: EdgeFixture;
  readonly loggedOut: LogoutSubject[] = [];
  readonly #login: OidcLogin;
  readonly #folder: string;

  static async open({ sessionMs, webRoot }: StageOptions = {}): Promise<LoginStage> {
    const provider = await TestProvider.start();
    const folder = await mkdtemp(join(tmpdir(), 'zonebridge-oidc-'));
    const [ca, secret] = [join(folder, 'ca.pem'), join(folder, 'secret')];
    await writeFile(ca, provider.ca);
    await writeFile(secret, `${clientSecret}\n`);
    const login = await OidcLogin.create({
      config: {
        issuer: provider.issuer,
        client_id: clientId,
        client_secret_file: secret,
        scopes: ['openid', 'profile', 'email'],
        groups_claim: 'groups',
        ca,
      },
      origins: [origin],
      log: createLog('silent'),
      ...(sessionMs === undefined ? {} : { sessionMs }),
    });
    const edge = await EdgeFixture.start({ identity: login, ...(webRoot === undefined ? {} : { webRoot }) });
    return new LoginStage(provider, edge, login, folder);
  }

  private constructor(provider: TestProvider, edge: EdgeFixture, login: OidcLogin, folder: string) {
    this.provider = provider;
    this.edge = edge;
    this.#login = login;
    this.#folder = folder;
    login.on('loggedOut', (logout) => this.loggedOut.push(logout));
  }

  logoutByProvider(token: string): Promise<Answer> {
    const body = new URLSearchParams({ logout_token: token }).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return this.ask('/api/backchannel-logout', { method: 'POST', headers, body });
  }

  /** A request at the zone's edge. */
  ask(path: string, options: AskOptions = {}): Promise<Answer> {
    return ask({ port: this.edge.port, ca: this.edge.ca, path }, options);
  }

  /** A browser at the provider: gives where it is sent back to. */
  async visitProvider(location: string): Promise<string> {
    const { port, pathname, search } = new URL(location);
    const target = { port: Number(port), ca: this.provider.ca, path: `${pathname}${search}` };
    return (await ask(target, {})).location;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.edge[Symbol.asyncDispose]();
    await this.#login.close('test over');
    await this.provider[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
  }
}

interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function ask(
  { port, ca, path }: { readonly port: number; readonly ca: string; readonly path: string },
  { method = 'GET', headers = {}, body }: AskOptions,
): Promise<Answer> {
  const target = { host: '127.0.0.1', port, path, method, servername: 'localhost', ca, agent: false };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  request({ ...target, headers: { Host: new URL(origin).host, ...headers } }, (response) => {
    response.toArray().then(
      (chunks: Buffer[]) =>
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location ?? '',
          cookies: response.headers['set-cookie'] ?? [],
          body: Buffer.concat(chunks).toString(),
        }),
      reject,
    );
  })
    .once('error', reject)
    .end(body);
  return promise;
}

/** A browser with its cookies that follows where it is sent. */
export class LoginBrowser {
  readonly #stage: LoginStage;
  readonly cookies = new Map<string, string>();

  constructor(stage: LoginStage) {
    this.#stage = stage;
  }

  async visit(path: string, options: AskOptions = {}): Promise<Answer> {
    const headers = { Cookie: this.#cookieHeader, ...options.headers };
    const answer = await this.#stage.ask(path, { ...options, headers });
    for (const cookie of answer.cookies) this.#keep(cookie);
    return answer;
  }

  /** The first half of a login: gives the address that the provider sends the browser back to, below the zone's origin. */
  async toProvider(path = '/api/login?return=/welcome'): Promise<string> {
    const { location } = await this.visit(path);
    const back = new URL(await this.#stage.visitProvider(location));
    return `${back.pathname}${back.search}`;
  }

  async login(): Promise<Answer> {
    return this.visit(await this.toProvider());
  }

  /** A WebSocket with the browser's cookies of now, on which nobody has joined yet. */
  async connect(): Promise<BrowserStandIn> {
    const browser = this.#stage.edge.browser('welcome', { Cookie: this.#cookieHeader });
    await once(browser.socket, 'open');
    return browser;
  }

  /** Whom a zone sees that the browser calls; by a connection that there is already, or another. */
  async personInCall(connection?: BrowserStandIn): Promise<AuthenticatedPerson | undefined> {
    const browser = connection ?? (await this.connect());
    await browser.send({ type: 'join', name: 'Alice' });
    return (await this.#stage.edge.nextCall()).origin.person;
  }

  get #cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(cookie: string): void {
    const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
    if (cookie.includes('Max-Age=0;')) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
