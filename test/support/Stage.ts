import { Baresip, type BaresipOptions } from './Baresip.ts';
import { Chromium, type BrowserPage } from './Chromium.ts';
import { Server } from './Server.ts';

/** A running server with phones and browsers that join its rooms; all of it goes away together. */
export class Stage implements AsyncDisposable {
  readonly server: Server;
  readonly #resources = new AsyncDisposableStack();
  #chromium: Chromium | undefined;

  static async start(serverArguments: readonly string[] = []): Promise<Stage> {
    return new Stage(await Server.start(serverArguments));
  }

  private constructor(server: Server) {
    this.server = this.#resources.use(server);
  }

  /** A phone that has dialled the room and was answered. */
  async phone(options: BaresipOptions, room = 'welcome', zone = 'meetme'): Promise<Baresip> {
    const phone = this.#resources.use(await Baresip.start(options));
    await phone.call(this.server.sip(zone, room));
    return phone;
  }

  /** A browser that has joined the room by its deep link. */
  async browser(name: string, toneHz: number, room = 'welcome', zone = 'meetme'): Promise<BrowserPage> {
    this.#chromium ??= this.#resources.use(await Chromium.launch(this.server.ready.ca));
    const url = `${this.server.zone(zone).https}/${room}?name=${encodeURIComponent(name)}&join=1`;
    const page = await this.#chromium.open({ url, toneHz });
    await page.page.getByRole('button', { name: /leave/i }).waitFor({ timeout: 15_000 });
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
