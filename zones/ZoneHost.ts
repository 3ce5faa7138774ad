import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  Closable,
  isEveryAddress,
  plainAddress,
  uriHost,
  type Log,
  type Termination,
} from '#kernel/index.ts';
import type { ZoneMedia } from '#media/index.ts';
import type { Call } from '#signaling/call.ts';
import { SipEdge } from '#signaling/sip/index.ts';
import { SipEngine } from '#signaling/sip/stack/index.ts';
import type { ZoneTls, TlsPeer } from '#signaling/tls/index.ts';
import { WebEdge } from '#signaling/web/index.ts';
import { adminSocketPath, ZoneApi, ZoneFigures } from './api/index.ts';
import type { ZoneConfig } from './config/schema.ts';
import type { HandedConnection, LinkedZone, ZoneHealth, ZoneStart } from './contract.ts';
import { DigestAccounts } from './identity/DigestAccounts.ts';
import { DigestLogin } from './identity/DigestLogin.ts';
import { concerns, OidcLogin } from './identity/oidc/index.ts';
import { Reception } from './Reception.ts';
import { createMedia, createTls } from './zoneParts.ts';
import type { RecordDelivery } from './cdr/delivery/index.ts';
import { openServices } from './services.ts';
import type { ZoneServices } from './ZoneServices.ts';

interface Parts {
  readonly tls: ZoneTls;
  readonly media: ZoneMedia;
  readonly services: ZoneServices;
  readonly edges: Edges;
}

/** How calls come and go, once the zone is open. */
interface Edges {
  engine?: SipEngine;
  sip?: SipEdge;
  web?: WebEdge;
}

/** A zone at work: everything of one zone, in a process of its own. */
export class ZoneHost extends Closable {
  readonly #config: ZoneConfig;
  readonly #log: Log;
  readonly #reception: Reception;
  readonly #media: ZoneMedia;
  readonly #tls: ZoneTls;
  readonly #figures: ZoneFigures;
  readonly #links: readonly LinkedZone[];
  /** Host and port that those whom the zone calls are told: its name, and not an address of the inside. */
  readonly #sipPlace: string;
  /** Where browsers reach the zone. */
  readonly #https: string;
  readonly #edges: Edges;
  readonly #delivery: RecordDelivery | undefined;

  static async create(start: ZoneStart, log: Log): Promise<ZoneHost> {
    await using stack = new AsyncDisposableStack();
    const { config } = start;
    const tls = stack.use(await createTls(config, log));
    const media = stack.use(await createMedia(start, log));
    const edges: Edges = {};
    const services = await openServices(start, stack, tls, log, () => edges.sip);
    const host = stack.use(new ZoneHost(start, log, { tls, media, services, edges }));
    await host.#openApi(start);
    await host.#openEdges(start);
    stack.move();
    return host;
  }

  private constructor({ config, addresses }: ZoneStart, log: Log, { tls, media, services, edges }: Parts) {
    super();
    this.#edges = edges;
    this.#config = config;
    this.#log = log;
    this.#media = this.own(media);
    this.#tls = this.own(tls);
    this.#links = addresses.linked;
    this.#https = addresses.https;
    const [domain = addresses.https] = config.domains;
    this.#sipPlace = `${uriHost(domain)}:${/:(\d+)$/.exec(addresses.sip)?.[1] ?? '5061'}`;
    for (const part of [services.records, services.delivery, services.policy]) {
      if (part !== undefined) this.own(part);
    }
    services.policy.on('alarm', (text) => log.error({ alarm: text }, 'policy'));
    this.#delivery = services.delivery;
    this.#figures = new ZoneFigures(log.child({ part: 'api' }));
    const observer = this.#figures.calls;
    this.#reception = this.own(new Reception({ services, addresses, media, observer, log }));
    tls.onChange(() => this.#reception.decideAgain('certificates or revocation lists'));
  }

  /** Takes a connection that the listener has routed here. */
  accept(socket: Socket, { protocol, opening }: HandedConnection): void {
    this.#tls.accept(socket, Buffer.from(opening), protocol, (tlsSocket, peer) => {
      if (protocol === 'https') this.#edges.web?.accept(tlsSocket, peer);
      else this.#acceptSip(tlsSocket, peer);
    });
  }

  /** Takes no new call from now on; those it has go on. */
  drain(): void {
    this.#reception.drain();
    this.#log.info('draining');
  }

  get health(): ZoneHealth {
    if (this.#reception.state === 'draining') return { state: 'draining' };
    return { state: this.#media.healthy ? 'serving' : 'degraded' };
  }

  /** Ends its calls properly, then closes. */
  async stop(because: Termination): Promise<void> {
    await this.#reception.end(because);
    await this.close(because.cause);
  }

  protected release(reason: string): void {
    this.#log.info({ reason }, 'zone closed');
  }

  async #openApi({ dataDir }: ZoneStart): Promise<void> {
    const [reception, media, delivery] = [this.#reception, this.#media, this.#delivery];
    const zone = {
      get state() {
        return reception.state;
      },
      get workerUp() {
        return media.healthy;
      },
      get use() {
        return reception.use;
      },
      get delivery() {
        return delivery?.state;
      },
      mixerStats: () => media.mixerStats(),
      snapshot: (room: string, view: string) => reception.snapshot(room, view),
      dial: (room: string, uri: string) => reception.dial(room, uri),
    };
    const log = this.#log.child({ part: 'api' });
    this.own(await ZoneApi.create({ path: adminSocketPath(dataDir), zone, figures: this.#figures, log }));
  }

  async #openEdges({ webRoot }: ZoneStart): Promise<void> {
    const { sip, media, domains } = this.#config;
    const onCall = (call: Call): void => void this.#reception.take(call);
    const log = this.#log;
    const engine = this.own(
      await SipEngine.create({
        log: log.child({ part: 'sip' }),
        ...(sip.advertise_focus ? { contactParameters: 'isfocus' } : {}),
        transports: {
          routes: this.#links,
          tlsClient: () => this.#tls.client,
          sentBy: { tls: this.#sipPlace },
        },
      }),
    );
    const login = await this.#openDigest();
    this.#edges.sip = this.own(
      await SipEdge.create({
        engine,
        domains,
        ...(login === undefined ? {} : { login }),
        onCall,
        onRefused: (attempt) => this.#reception.refused(attempt),
        log: log.child({ part: 'sip' }),
      }),
    );
    this.#edges.engine = engine;
    for (const { transport, address, port, reason } of sip.cleartext) {
      await engine.listen(transport, address, port, this.#cleartextHost(address));
      log.warn({ transport, port, reason }, 'SIP without TLS is open, as the configuration says');
    }
    if (media.plain_rtp !== undefined) {
      const { reason } = media.plain_rtp;
      log.warn({ reason }, 'RTP without encryption is allowed, as the configuration says');
    }
    const identity = await this.#openLogin();
    const web = { webRoot, onCall, log: log.child({ part: 'web' }) };
    this.#edges.web = this.own(await WebEdge.create(identity === undefined ? web : { ...web, identity }));
  }

  /** Where the zone has people log in; nothing where it does not. */
  async #openLogin(): Promise<OidcLogin | undefined> {
    const { oidc } = this.#config.identity;
    if (oidc === undefined) return undefined;
    const { port } = new URL(this.#https);
    const origins = this.#config.domains.map((domain) => `https://${uriHost(domain)}${port && `:${port}`}`);
    const login = this.own(
      await OidcLogin.create({ config: oidc, origins, log: this.#log.child({ part: 'login' }) }),
    );
    login.on('loggedOut', (logout) => this.#reception.loggedOut((person) => concerns(logout, person)));
    return login;
  }

  /** Where phones log in; nothing where they do not. */
  async #openDigest(): Promise<DigestLogin | undefined> {
    const { digest } = this.#config.identity;
    if (digest === undefined) return undefined;
    const { users_file: usersFile, secret_file: secretFile, algorithms } = digest;
    const { name: realm } = this.#config;
    const log = this.#log.child({ part: 'digest' });
    const accounts = this.own(await DigestAccounts.create({ usersFile, secretFile, realm, log }));
    accounts.onLost((users) =>
      this.#reception.loggedOut(({ method, subject }) => method === 'digest' && users.has(subject)),
    );
    return new DigestLogin({ realm, accounts, algorithms });
  }

  /** What peers call a port without TLS; undefined when that is the address they reached. */
  #cleartextHost(address: string): string | undefined {
    const { media } = this.#config;
    return media.announced_address ?? (isEveryAddress(address) ? media.address : undefined);
  }

  #acceptSip(socket: TLSSocket, { remote, tls }: TlsPeer): void {
    // The peer must be able to dial what Contact says: the name it asked for, else the address it reached.
    const { localAddress = '127.0.0.1', localPort = 5061 } = socket;
    const host = tls.serverName ?? this.#config.media.announced_address ?? plainAddress(localAddress);
    const sentBy = `${uriHost(host)}:${localPort}`;
    this.#edges.engine?.accept(socket, { transport: 'tls', remote, sentBy, tls });
  }
}
