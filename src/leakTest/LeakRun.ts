import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRecords } from '#zones/index.ts';
import { zoneNames } from './leakConfig.ts';
import type { LeakServer } from './LeakServer.ts';
import type { MarkerBook } from './MarkerBook.ts';
import type { Hearer, Scene } from './Scene.ts';
import { Findings } from './search/Findings.ts';
import { PlaceSearch } from './search/PlaceSearch.ts';
import { Searcher } from './search/Searcher.ts';
import { serverParts, type ServerPart } from './serverParts.ts';
import { waitFor } from './waitFor.ts';

/** Looks through everything, while the calls are up and after they have ended. */
export class LeakRun {
  readonly findings = new Findings();
  readonly parts: ServerPart[] = [];
  readonly #server: LeakServer;
  readonly #book: MarkerBook;
  readonly #startedMs = Date.now();

  constructor(server: LeakServer, book: MarkerBook) {
    this.#server = server;
    this.#book = book;
  }

  /** All that a running server has: its processes with their memory, what zones tell, and what is on disk by now. */
  async searchRunning(): Promise<void> {
    const { process, folders } = this.#server;
    const search = this.#search();
    const parts = await serverParts(process.pid, folders.data);
    for (const part of parts) {
      await search.process(part);
      await search.memory(part);
    }
    for (const zone of zoneNames) await search.metrics(folders.data, zone);
    this.parts.splice(0, this.parts.length, ...parts);
  }

  /** What everybody heard. */
  searchEars({ hearers }: Scene): void {
    const search = this.#search();
    for (const { caller, heard } of hearers) {
      const { zone, name: detail } = caller;
      const place = { kind: 'far end', detail, ...(zone === undefined ? {} : { zone }) } as const;
      search.bytes(Buffer.concat(heard), place);
    }
    this.#compareSources(hearers);
  }

  /** What is left: log lines, the folder, temporary files of this machine, and the records as their owner sees them. */
  async searchLeft(folder: string): Promise<void> {
    const { process, ownerKeyFile } = this.#server;
    const search = this.#search();
    search.bytes(process.written, { kind: 'log', detail: 'standard output and error' });
    await search.files(folder);
    for (const place of new Set([tmpdir(), '/tmp', '/var/tmp', '/dev/shm'])) {
      await search.files(place, this.#startedMs);
    }
    const identity = await readFile(ownerKeyFile, 'utf8');
    for (const zone of zoneNames) {
      const records = await openRecords(this.#server.zoneFolder(zone), identity);
      search.bytes(Buffer.from(JSON.stringify(records)), { kind: 'records', zone, detail: 'opened' });
    }
  }

  /** Lets a zone's host crash with calls in it, and waits until it is there again. */
  async crash(zone: (typeof zoneNames)[number]): Promise<void> {
    const host = this.parts.find((part) => part.zone === zone && part.role.endsWith('zonebridge-zone'));
    if (host === undefined) return;
    const up = (): number =>
      this.#server.process.written.toString().split(`"zone":"${zone}","msg":"the zone is up"`).length;
    const before = up();
    process.kill(host.pid, 'SIGABRT');
    await waitFor(`the restart of ${zone}`, () => up() > before, 60_000, 200);
    await sleep(500);
  }

  /** Nobody hears another one's SSRC, by which two organisations could tell that they hear the same person. */
  #compareSources(hearers: readonly Hearer[]): void {
    const phones = hearers.flatMap(({ caller, media }) => (media === undefined ? [] : [{ caller, media }]));
    for (const { caller, media } of phones) {
      const marker = this.#book.noteNumber('SSRC', caller, media.ssrc);
      for (const other of phones) {
        if (!other.media.heardSources.has(media.ssrc)) continue;
        const { zone, name: detail } = other.caller;
        this.findings.add(marker, 'SSRC or CSRC', {
          ...{ kind: 'far end', detail },
          ...(zone === undefined ? {} : { zone }),
        });
      }
    }
  }

  /** Markers are added until the last call, so each search begins with all there are. */
  #search(): PlaceSearch {
    return new PlaceSearch(new Searcher(this.#book.markers), this.findings);
  }
}
