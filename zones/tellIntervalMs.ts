/** What names everybody and goes to everybody is told less often in a large room. */
const pace = { perPersonMs: 2.5, minMs: 100, maxMs: 2000 };

export function tellIntervalMs(people: number): number {
  return Math.min(pace.maxMs, Math.max(pace.minMs, people * pace.perPersonMs));
}
