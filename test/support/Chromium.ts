import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { recordTracks, sayTone } from './pageAudio.ts';

export interface PageOptions {
  readonly url: string;
  /** What this browser's microphone says, all the time. */
  readonly toneHz: number;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

export interface Recording {
  readonly sampleRateHz: number;
  readonly samples: Float32Array;
}

/** A real headless Chromium that trusts exactly one test CA. */
export class Chromium implements AsyncDisposable {
  readonly #browser: Browser;

  static async launch(caFile: string): Promise<Chromium> {
    const ca = new X509Certificate(await readFile(caFile));
    const spki = createHash('sha256')
      .update(ca.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64');
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--mute-audio',
        '--autoplay-policy=no-user-gesture-required',
        '--allow-loopback-in-peer-connection',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--ignore-certificate-errors-spki-list=${spki}`,
      ],
    });
    return new Chromium(browser);
  }

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Opens a page in a profile of its own. */
  async open({ url, toneHz, viewport, colorScheme }: PageOptions): Promise<BrowserPage> {
    const context = await this.#browser.newContext({
      permissions: ['microphone'],
      viewport: viewport ?? { width: 1280, height: 800 },
      colorScheme: colorScheme ?? 'light',
    });
    await context.addInitScript(recordTracks);
    await context.addInitScript(sayTone, toneHz);
    const page = await context.newPage();
    const lines: string[] = [];
    page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => lines.push(`error: ${error.message}`));
    await page.goto(url);
    return new BrowserPage(page, lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** One participant's page. */
export class BrowserPage {
  readonly page: Page;
  /** Console output and page errors, for a failing test's message. */
  readonly console: readonly string[];

  constructor(page: Page, console: readonly string[]) {
    this.page = page;
    this.console = console;
  }

  /** What the page has heard in the last `seconds`, as played to its person. */
  async heard(seconds: number): Promise<Recording> {
    const { sampleRateHz, base64 } = await this.page.evaluate(
      (wanted) => window.zonebridgeTest.heard(wanted),
      seconds,
    );
    const bytes = Buffer.from(base64, 'base64');
    return {
      sampleRateHz,
      samples: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
    };
  }

  /** Milliseconds from navigation to the first audible sample (over -50 dBFS), or undefined. */
  firstHeardMs(): Promise<number | undefined> {
    return this.page.evaluate(() => window.zonebridgeTest.firstHeardMs);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
