const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * When everybody is decided again, in milliseconds since 1970. An interval of up to a minute is counted from the beginning of each minute, a longer one
 * from that of each hour (of UTC; no zone's minutes begin at another time), since windows, holidays and review dates end there.
 */
export function nextRecheckMs(nowMs: number, everyMs: number): number {
  const unitMs = everyMs <= minuteMs ? minuteMs : hourMs;
  const beganMs = nowMs - (nowMs % unitMs);
  const nextMs = beganMs + (Math.floor((nowMs - beganMs) / everyMs) + 1) * everyMs;
  return Math.min(nextMs, beganMs + unitMs);
}
