import { readFile } from 'node:fs/promises';
import { ZonebridgeError } from '#kernel/index.ts';
import { askZone } from '../cli/askZone.ts';
import { FarEnd } from './callers/FarEnd.ts';
import { SipCaller } from './callers/SipCaller.ts';
import { SipIdentity } from './callers/SipIdentity.ts';
import { WebCaller } from './callers/WebCaller.ts';
import { farEndDomain, rooms, zoneNames, type ZoneName } from './leakConfig.ts';
import type { LeakServer } from './LeakServer.ts';
import type { Caller, MarkerBook } from './MarkerBook.ts';
import { together } from './together.ts';

/** Somebody who hears what the server sends. */
export interface Hearer {
  readonly caller: Caller;
  readonly heard: readonly Buffer[];
  /** Of phones: their own SSRC, and those of all that they heard. */
  readonly media?: { readonly ssrc: number; readonly heardSources: ReadonlySet<number> };
}

interface People {
  /** Of the organisation that owns `core`. */
  readonly alice: SipCaller;
  readonly ann: WebCaller;
  /** Of the other one. */
  readonly carol: SipCaller;
  readonly chris: WebCaller;
  /** Straight into the neutral zone. */
  readonly bob: SipCaller;
  readonly erin: WebCaller;
  /** Outside, called by the neutral zone. */
  readonly fred: FarEnd;
}

/** Calls that are up: in each zone a phone and a browser, both organisations' zones joined to the neutral one, which has called a far end. */
export class Scene implements AsyncDisposable {
  readonly server: LeakServer;
  readonly book: MarkerBook;
  readonly #resources: AsyncDisposableStack;
  readonly #hearers: Hearer[] = [];
  readonly #ca: string;
  #people: People | undefined;

  static async create(server: LeakServer, book: MarkerBook): Promise<Scene> {
    return new Scene(server, book, await readFile(server.caFile, 'utf8'));
  }

  private constructor(server: LeakServer, book: MarkerBook, ca: string) {
    this.server = server;
    this.book = book;
    this.#ca = ca;
    this.#resources = new AsyncDisposableStack();
  }

  get hearers(): readonly Hearer[] {
    return this.#hearers;
  }

  get people(): People {
    if (this.#people === undefined) throw new ZonebridgeError('invalid-argument', 'nobody has met yet');
    return this.#people;
  }

  /** Resolves when everybody is in. Throws `unavailable` when somebody is not let in who should be. */
  async meet(): Promise<void> {
    const [alice, carol, bob, ann, chris, erin] = await together([
      this.phone('Alice', 'core'),
      this.phone('Carol', 'partner'),
      this.phone('Bob', 'meetme'),
      this.browser('Ann', 'core', rooms.core),
      this.browser('Chris', 'partner', rooms.partner),
      this.browser('Erin', 'meetme', rooms.meetme),
    ]);
    const fred = await this.#farEnd();
    this.#people = { alice, ann, carol, chris, bob, erin, fred };
    await this.#letIn(alice, rooms.core);
    await this.#letIn(carol, rooms.partner);
    await this.#letIn(bob, rooms.meetme);
    for (const web of [ann, chris, erin]) {
      web.join();
      await web.whenTold('joined');
    }
    const neutral = `sips:${rooms.meetme}@meetme.localhost`;
    await this.#dial('core', rooms.core, neutral);
    await this.#dial('partner', rooms.partner, neutral);
    await this.#dial('meetme', rooms.meetme, `sips:visitor@${farEndDomain}:${fred.port}`);
  }

  /** A phone that is connected to a zone and has not called. */
  async phone(name: string, zone: ZoneName): Promise<SipCaller> {
    const port = this.server.config.listener.sip_port;
    const target = { host: '127.0.0.1', port, servername: `${zone}.localhost`, ca: this.#ca };
    const identity = new SipIdentity(this.book, { name, zone });
    const phone = this.#resources.use(await SipCaller.connect({ target, identity }));
    this.listen(phone);
    return phone;
  }

  /** A browser that has opened the WebSocket of a room and not asked to come in. */
  async browser(name: string, zone: ZoneName, room: string): Promise<WebCaller> {
    const web = await WebCaller.open(this.page(zone), room, this.book, { name, zone });
    this.listen(this.#resources.use(web));
    return web;
  }

  /** Where browsers find a zone. */
  page(zone: ZoneName): { readonly host: string; readonly port: number; readonly ca: string } {
    return { host: `${zone}.localhost`, port: this.server.config.listener.https_port, ca: this.#ca };
  }

  /** Somebody whose ears are looked into as well. */
  listen(hearer: Hearer): void {
    this.#hearers.push(hearer);
  }

  /** Everybody of those zones says goodbye; resolves when they have confirmed it. */
  async leave(zones: readonly ZoneName[] = zoneNames): Promise<void> {
    const { alice, carol, bob, ann, chris, erin } = this.people;
    const isOf = ({ caller }: Hearer): boolean => zones.some((zone) => zone === caller.zone);
    await Promise.all([alice, carol, bob].filter(isOf).map((phone) => phone.hangUp()));
    for (const web of [ann, chris, erin].filter(isOf)) web.send({ type: 'leave' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #farEnd(): Promise<FarEnd> {
    const identity = new SipIdentity(this.book, { name: 'Fred', zone: 'meetme' });
    const fred = this.#resources.use(await FarEnd.listen(this.server.folders.farEnd, identity));
    this.listen(fred);
    return fred;
  }

  async #letIn(phone: SipCaller, room: string): Promise<void> {
    const { startLine } = await phone.call(room);
    if (startLine.startsWith('SIP/2.0 200')) return;
    const { name } = phone.identity.caller;
    throw new ZonebridgeError('unavailable', `${name} was not let in: ${startLine}`);
  }

  async #dial(zone: ZoneName, room: string, uri: string): Promise<void> {
    const answer = await askZone(this.server.folders.data, zone, `/rooms/${room}/dial`, { uri });
    const { result } = JSON.parse(answer.toString()) as { readonly result: string };
    if (result.endsWith('is in the room')) return;
    throw new ZonebridgeError('unavailable', `the zone ${zone} could not call ${uri}: ${result}`);
  }
}
