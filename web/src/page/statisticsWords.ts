import type { MediaStatistics } from '../protocol/index.ts';

export function bitrateWords(bitrate: number): string {
  return bitrate >= 1_000_000
    ? `${(bitrate / 1_000_000).toFixed(1)} Mbit/s`
    : `${Math.round(bitrate / 1000)} kbit/s`;
}

export function lossWords(loss: number): string {
  return `${(loss * 100).toFixed(1)} %`;
}

interface Size {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

export function sizeWords({ width, height }: Size): string | undefined {
  return width === undefined || height === undefined ? undefined : `${width} × ${height}`;
}

export function frameRateWords(frameRate: number | undefined): string | undefined {
  return frameRate === undefined ? undefined : `${Math.round(frameRate)} a second`;
}

/** What is known of one section, as pairs of term and value. */
export function statisticsRows(media: MediaStatistics): readonly (readonly [string, string])[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Bitrate', bitrateWords(media.bitrate)],
    ['Lost packets', media.loss === undefined ? undefined : lossWords(media.loss)],
    ['Resolution', sizeWords(media)],
    ['Frames', frameRateWords(media.frameRate)],
    ['Codec', media.codec],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}
