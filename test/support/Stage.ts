import { setTimeout as sleep } from 'node:timers/promises';
import { Baresip, type BaresipOptions } from './Baresip.ts';
import { Chromium, type BrowserPage, type BrowserVideo, type PageOptions } from './Chromium.ts';
import { Server } from './Server.ts';
import type { ChangeConfig } from './testConfig.ts';

/** Machines that run tests are busy at times, and a server that is late refuses calls with video. */
const busyMs = 20_000;

export interface Visitor {
  readonly name: string;
  readonly toneHz: number;
  readonly room?: string;
  readonly zone?: string;
  /** Absent: it joins without a camera. */
  readonly video?: BrowserVideo;
  /** As in PageOptions. */
  readonly mediaPort?: number;
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A running server with phones and browsers that join its rooms; all of it goes away together. */
export class Stage implements AsyncDisposable {
  readonly server: Server;
  readonly #resources = new AsyncDisposableStack();
  #chromium: Chromium | undefined;

  static async start(serverArguments: readonly string[] = [], change?: ChangeConfig): Promise<Stage> {
    return new Stage(await Server.start(serverArguments, change));
  }

  private constructor(server: Server) {
    this.server = this.#resources.use(server);
  }

  /** A phone that has dialled the room and was answered; it dials again while a busy server has no room for a picture. */
  async phone(options: BaresipOptions, room = 'welcome', zone = 'meetme'): Promise<Baresip> {
    const phone = this.#resources.use(await Baresip.start(options));
    const deadline = Date.now() + busyMs;
    for (;;) {
      try {
        await phone.call(this.server.sip(zone, room));
        return phone;
      } catch (error) {
        if (!String(error).includes('503') || Date.now() > deadline) throw error;
        await sleep(1_000);
      }
    }
  }

  /** A browser that has joined the room by its deep link. */
  browser(name: string, toneHz: number, room = 'welcome', zone = 'meetme'): Promise<BrowserPage> {
    return this.visit({ name, toneHz, room, zone });
  }

  /** The same, also with a camera. */
  async visit({
    name,
    toneHz,
    room = 'welcome',
    zone = 'meetme',
    video,
    ...rest
  }: Visitor): Promise<BrowserPage> {
    const page = await this.open(
      `${this.server.zone(zone).https}/${room}?name=${encodeURIComponent(name)}&join=1&camera=${video === undefined ? 0 : 1}`,
      { toneHz, ...(video && { video }), ...rest },
    );
    const leave = page.page.getByRole('button', { name: /leave/i });
    const refused = page.page.getByRole('heading', { name: 'You could not join' });
    try {
      await leave.or(refused).waitFor({ timeout: 20_000 });
      if ((await refused.count()) > 0) throw new Error('the page was refused');
    } catch (error) {
      const shown = await page.page.locator('body').innerText();
      throw new Error(`${name} did not get in: ${shown}; ${page.console.join('; ')}`, { cause: error });
    }
    return page;
  }

  /** A browser that opened a page of the server and no more. */
  async open(url: string, options: Omit<PageOptions, 'url'>): Promise<BrowserPage> {
    this.#chromium ??= this.#resources.use(await Chromium.launch(this.server.ready.ca));
    return this.#chromium.open({ url, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
