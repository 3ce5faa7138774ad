import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { build } from 'vite';
import type { RosterParticipant } from '#signaling/web/protocol.ts';
import { FarEnd } from './FarEnd.ts';
import { StandInZone, type BrowserConnection } from './StandInZone.ts';

const webSources = fileURLToPath(new URL('../../../web', import.meta.url));

/** Builds the page as the set-up does, into a folder of its own. */
export async function buildPage(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'zonebridge-page-'));
  await build({
    root: webSources,
    configFile: join(webSources, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  });
  return outDir;
}

export function launchBrowser(moreArgs: readonly string[] = []): Promise<Browser> {
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync', '--mute-audio'];
  const offline = ['--disable-background-networking', '--disable-component-update'];
  const media = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      ...quiet,
      ...offline,
      ...media,
      '--allow-loopback-in-peer-connection',
      ...moreArgs,
    ],
  });
}

export interface OpenedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the console, content security policy violations among them. */
  readonly complaints: readonly string[];
}

/** One zone's page in one browser, for the tests of a file. */
export class Stage implements AsyncDisposable {
  readonly zone: StandInZone;
  readonly #browser: Browser;
  readonly #webRoot: string;

  static async open(): Promise<Stage> {
    const webRoot = await buildPage();
    return new Stage(webRoot, await launchBrowser(), await StandInZone.start(webRoot));
  }

  private constructor(webRoot: string, browser: Browser, zone: StandInZone) {
    this.#webRoot = webRoot;
    this.#browser = browser;
    this.zone = zone;
  }

  /** Opens a path in a profile of its own. `prepare` runs in the page before its scripts. */
  async visit(path: string, options: BrowserContextOptions = {}, prepare?: () => void): Promise<OpenedPage> {
    const context = await this.#browser.newContext({ permissions: ['microphone', 'camera'], ...options });
    if (prepare !== undefined) await context.addInitScript(prepare);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${this.zone.url}${path}`);
    return { page, context, complaints };
  }

  /** After each test: its pages must not join in the next one. */
  async closePages(): Promise<void> {
    for (const context of this.#browser.contexts()) await context.close();
    this.zone.forgetConnections();
  }

  /** Plays the zone's part until the page is in the call; the page must be joining. */
  async admit(context: BrowserContext, others: readonly RosterParticipant[] = []): Promise<Admitted> {
    return this.#admit(context, others, { video: false, host: false });
  }

  /** The same for a call with a picture. */
  async admitVideo(
    context: BrowserContext,
    others: readonly RosterParticipant[] = [],
    { host = false } = {},
  ): Promise<Admitted> {
    return this.#admit(context, others, { video: true, host });
  }

  /** A host of a call without picture. */
  async admitAudioHost(context: BrowserContext, others: readonly RosterParticipant[]): Promise<Admitted> {
    return this.#admit(context, others, { video: false, host: true });
  }

  async #admit(
    context: BrowserContext,
    others: readonly RosterParticipant[],
    options: AdmitOptions,
  ): Promise<Admitted> {
    const connection = await this.zone.nextConnection();
    return this.admitAt(connection, context, await connection.take('join'), others, options);
  }

  /** The same for a page whose `join` was taken already. */
  async admitAt(
    connection: BrowserConnection,
    context: BrowserContext,
    { name, muted, camera }: Joining,
    others: readonly RosterParticipant[] = [],
    { video, host }: AdmitOptions = { video: false, host: false },
  ): Promise<Admitted> {
    const farEnd = await FarEnd.open(context, this.zone.url);
    const sdp = await (video ? farEnd.offerVideo(1) : farEnd.offer(1));
    connection.send({ type: 'offer', offerId: 1, sdp });
    const { sdp: answer } = await connection.take('answer');
    await farEnd.accept(1, answer);
    const cameraState = camera ? 'on' : 'off';
    const self = participant(name, { id: 'self', muted, camera: video ? cameraState : 'none' });
    connection.send({ ...joinedMessage, host });
    connection.send({ type: 'roster', participants: [...others, self] });
    return { connection, farEnd, answer, self };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.zone[Symbol.asyncDispose]();
    await rm(this.#webRoot, { recursive: true, force: true });
  }
}

interface AdmitOptions {
  readonly video: boolean;
  readonly host: boolean;
}

interface Joining {
  readonly name: string;
  readonly muted: boolean;
  readonly camera: boolean;
}

export interface Admitted {
  readonly connection: BrowserConnection;
  readonly farEnd: FarEnd;
  readonly answer: string;
  readonly self: RosterParticipant;
}

export const joinedMessage = {
  type: 'joined',
  participantId: 'self',
  room: { name: 'welcome', title: 'Welcome room' },
  zone: { name: 'meetme' },
  host: false,
} as const;

export function participant(name: string, change: Partial<RosterParticipant> = {}): RosterParticipant {
  const state = { muted: false, speaking: false, sharing: false, pinned: false, spotlight: false };
  const person = { name, kind: 'browser', camera: 'none', role: 'guest' } as const;
  return { id: name.toLowerCase(), ...person, ...state, ...change };
}
