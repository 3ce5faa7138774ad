export interface WaitingRoomLimits {
  readonly total: number;
  readonly perSource: number;
}

/**
 * Things that have not yet shown that they are worth a place: connections before their handshake is through.
 * When a source is over its limit, its own oldest is put out; when the room is full, the oldest of the source that
 * holds most. So a flood displaces itself, and a newcomer has as long as it takes the flood to fill the room again.
 */
export class WaitingRoom<T extends object> {
  readonly #limits: WaitingRoomLimits;
  readonly #putOut: (waiting: T) => void;
  readonly #bySource = new Map<string, Set<T>>();
  readonly #sources = new Map<T, string>();

  constructor(limits: WaitingRoomLimits, putOut: (waiting: T) => void) {
    this.#limits = limits;
    this.#putOut = putOut;
  }

  get size(): number {
    return this.#sources.size;
  }

  enter(source: string, waiting: T): void {
    const places = this.#bySource.get(source) ?? new Set();
    if (places.size >= this.#limits.perSource) this.#evictOldest(places);
    else if (this.size >= this.#limits.total) this.#evictOldest(this.#largest());
    places.add(waiting);
    this.#bySource.set(source, places);
    this.#sources.set(waiting, source);
  }

  /** Harmless for one that is not in the room. */
  leave(waiting: T): void {
    const source = this.#sources.get(waiting);
    if (source === undefined) return;
    this.#sources.delete(waiting);
    const places = this.#bySource.get(source);
    places?.delete(waiting);
    if (places?.size === 0) this.#bySource.delete(source);
  }

  /** Puts everybody out. */
  clear(): void {
    for (const waiting of [...this.#sources.keys()]) this.#evict(waiting);
  }

  #largest(): Set<T> {
    let largest = new Set<T>();
    for (const places of this.#bySource.values()) if (places.size > largest.size) largest = places;
    return largest;
  }

  #evictOldest(places: Set<T>): void {
    const [oldest] = places;
    if (oldest !== undefined) this.#evict(oldest);
  }

  #evict(waiting: T): void {
    this.leave(waiting);
    this.#putOut(waiting);
  }
}
