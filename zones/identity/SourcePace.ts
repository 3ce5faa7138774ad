import { isIPv6 } from 'node:net';
import { plainAddress, sourceOf } from '#kernel/index.ts';
import { defaultFree, Pace, type PaceOptions } from './Pace.ts';

/** A whole site has as many free wrong codes as so many sources. */
const sourcesOfSite = 16;
/** There may be strangers in it, whom it must not keep out. */
const longestSiteDelayMs = 5000;

/**
 * Slows down who types wrong codes, and nobody else: each source (an address, for IPv6 its /64) has its own pace over all rooms
 * of the zone, and no room is ever locked by it. An IPv6 site (/48) has one too, or it would have 65,536 sources to guess from. Times are
 * milliseconds of one clock that the caller chooses.
 */
export class SourcePace {
  readonly #sources: Pace;
  readonly #sites: Pace;

  constructor(options: PaceOptions = {}) {
    const { free = defaultFree } = options;
    this.#sources = new Pace({ ...options, free });
    this.#sites = new Pace({
      ...options,
      free: free * sourcesOfSite,
      longestDelayMs: longestSiteDelayMs,
    });
  }

  /** Sources that are remembered. */
  get size(): number {
    return this.#sources.size;
  }

  /** How long the source has to wait before a code of its counts; 0: not at all. */
  delayMs(address: string, nowMs: number): number {
    return Math.max(0, ...this.#pacesOf(address).map(([pace, key]) => pace.delayMs(key, nowMs)));
  }

  /** A code was looked at and was wrong. */
  failed(address: string, nowMs: number): void {
    for (const [pace, key] of this.#pacesOf(address)) pace.failed(key, nowMs);
  }

  /** A code was right: makes up for some wrong ones. */
  succeeded(address: string, nowMs: number): void {
    for (const [pace, key] of this.#pacesOf(address)) pace.succeeded(key, nowMs);
  }

  #pacesOf(address: string): readonly (readonly [Pace, string])[] {
    const source = sourceOf(address);
    const own = [this.#sources, source] as const;
    if (!isIPv6(plainAddress(address))) return [own];
    return [own, [this.#sites, source.split(':').slice(0, 3).join(':')]];
  }
}
