import type { AudioDescription } from '#kernel/index.ts';
import { readAudioFormats } from './audioCodecs.ts';
import type { Obstacle } from './contract.ts';
import { readSection, type Surroundings } from './readSection.ts';
import type { MediaSection } from './sections.ts';

/** One audio m-section that is not refused, or why we cannot use it. Throws `bad-description`. */
export function readAudio(section: MediaSection, surroundings: Surroundings): AudioDescription | Obstacle {
  const audio = readSection(section, surroundings, readAudioFormats);
  return typeof audio === 'string' ? audio : { ...audio, ...readPacketTime(section) };
}

function readPacketTime({ parsed }: MediaSection): { ptimeMs?: number } {
  const ptimeMs = Number(parsed.ptime);
  return Number.isInteger(ptimeMs) && ptimeMs >= 1 && ptimeMs <= 1000 ? { ptimeMs } : {};
}
