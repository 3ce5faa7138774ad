import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { recordTracks } from './pageAudio.ts';
import { replaceDevices, sayTone, sendMediaTo, showCamera } from './pageDevices.ts';
import { watchPictures, type PagePicture, type PictureCounts } from './pageVideo.ts';
import { readPng, type Picture } from './picture.ts';
import { hex, type Color } from './seeing.ts';
import { ServerMessages } from './ServerMessages.ts';
import { waitFor } from './waitFor.ts';

/** A camera of one colour with a number and the wall clock on it, 30 frames a second. */
export interface BrowserVideo {
  readonly color: Color;
  readonly number: number;
  /** 640x360 by default. */
  readonly width?: number;
  readonly height?: number;
  /** Colour of the screen that it can share. */
  readonly screen?: Color;
  /** Camera and microphone flash and beep together, each even second. */
  readonly flashes?: boolean;
}

export interface PageOptions {
  readonly url: string;
  /** What this browser's microphone says, all the time. */
  readonly toneHz: number;
  /** Absent: it has no camera. */
  readonly video?: BrowserVideo;
  /** UDP port that its media goes to instead of the one it is told of. */
  readonly mediaPort?: number;
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
  async open({ url, toneHz, video, mediaPort, viewport, colorScheme }: PageOptions): Promise<BrowserPage> {
    const context = await this.#browser.newContext({
      permissions: ['microphone', 'camera'],
      viewport: viewport ?? { width: 1280, height: 800 },
      colorScheme: colorScheme ?? 'light',
    });
    await context.addInitScript(recordTracks);
    await context.addInitScript(watchPictures);
    await context.addInitScript(replaceDevices);
    if (mediaPort !== undefined) await context.addInitScript(sendMediaTo, mediaPort);
    await context.addInitScript(sayTone, { toneHz, beeps: video?.flashes ?? false });
    if (video !== undefined) await context.addInitScript(showCamera, cameraOf(video));
    const page = await context.newPage();
    const lines: string[] = [];
    page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => lines.push(`error: ${error.message}`));
    const told = new ServerMessages(page);
    await page.goto(url);
    return new BrowserPage(page, lines, told);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

function cameraOf({ color, number, width = 640, height = 360, screen, flashes = false }: BrowserVideo) {
  const camera = { color: hex(color), number, width, height, flashes };
  return screen === undefined ? camera : { ...camera, screenColor: hex(screen) };
}

/** One participant's page. */
export class BrowserPage {
  readonly page: Page;
  /** Console output and page errors, for a failing test's message. */
  readonly console: readonly string[];
  readonly told: ServerMessages;

  constructor(page: Page, console: readonly string[], told: ServerMessages) {
    this.page = page;
    this.console = console;
    this.told = told;
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

  /** What arrives in one of the page's video sections now, as it was encoded. */
  async picture(which: PagePicture = 'mixed'): Promise<Picture> {
    const base64 = await waitFor(`a frame of the ${which} picture`, () =>
      this.page.evaluate((wanted) => window.zonebridgeVideo.picture(wanted), which),
    );
    return readPng(Buffer.from(base64, 'base64'));
  }

  /** What the person sees: the page as it is painted. */
  async screenshot(path?: string): Promise<Picture> {
    return readPng(await this.page.screenshot(path === undefined ? {} : { path }));
  }

  /** Of the connection, since its start; undefined before something came. */
  counts(which: PagePicture = 'mixed'): Promise<PictureCounts | undefined> {
    return this.page.evaluate((wanted) => window.zonebridgeVideo.counts(wanted), which);
  }

  /** When the first frame of the mixed picture was decoded, wall clock; undefined before. */
  firstSeenAtMs(): Promise<number | undefined> {
    return this.page.evaluate(() => window.zonebridgeVideo.firstSeenAtMs);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
