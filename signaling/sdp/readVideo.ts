import type { VideoDescription } from '#kernel/index.ts';
import type { Obstacle } from './contract.ts';
import { badDescription, limits } from './limits.ts';
import { isSsrc, readSection, withoutReceiving, type Surroundings } from './readSection.ts';
import { attributeValues, type MediaSection } from './sections.ts';
import { readVideoFormats } from './videoCodecs.ts';

/** One video m-section that is not refused, or why we cannot use it. Throws `bad-description`. */
export function readVideo(section: MediaSection, surroundings: Surroundings): VideoDescription | Obstacle {
  // It is on the transport of the group or nowhere (RFC 9143 §6), and we put every section on one of its own.
  if (section.media.port === 0) return 'transport';
  const rids = readRids(section);
  const bandwidths = readBandwidths(section);
  const video = readSection(section, surroundings, readVideoFormats);
  if (typeof video === 'string') return video;
  return {
    ...video,
    // RFC 3264 §5.1: nothing is to be sent to who has no bandwidth.
    direction: bandwidths.includes(0) ? withoutReceiving(video.direction) : video.direction,
    ...readRepairSource(section, video.ssrc),
    ...(rids.length === 0 ? {} : { rids }),
    ...maxBitrateOf([...bandwidths, ...readBandwidths(surroundings.session)]),
    ...(isSlides(section) ? { content: 'slides' } : {}),
  };
}

/** RFC 5576 §4.2: the source of an FID group that repeats the first. */
function readRepairSource({ parsed }: MediaSection, ssrc: number | undefined): { rtxSsrc?: number } {
  for (const { semantics, ssrcs } of parsed.ssrcGroups ?? []) {
    const [first, second] = String(ssrcs).trim().split(/ +/).map(Number);
    if (semantics === 'FID' && ssrc !== undefined && first === ssrc && isSsrc(second)) {
      return { rtxSsrc: second };
    }
  }
  return {};
}

/**
 * RFC 8853 §5.1: the streams that the writer sends, one after the other in his order; of alternatives the first, paused ones
 * (`~`) too, for they may begin. What has no a=rid line (RFC 8851 §4) is not there.
 */
function readRids(section: MediaSection): string[] {
  const known = new Set(
    attributeValues(section, 'rid').flatMap((value) => {
      const [, rid] = /^([A-Za-z0-9_-]{1,255}) +send(?: |$)/.exec(value) ?? [];
      return rid === undefined ? [] : [rid];
    }),
  );
  const lists = attributeValues(section, 'simulcast').map((value) => simulcastList(section.where, value));
  if (lists.length > 1) throw badDescription(section.where, 'has two a=simulcast lines (RFC 8853 §5.1)');
  const streams = lists[0] ?? [];
  if (streams.length > limits.simulcastStreams) {
    throw badDescription(section.where, `more than ${limits.simulcastStreams} simulcast streams`);
  }
  const rids = streams.flatMap((alternatives) => alternatives.find((rid) => known.has(rid)) ?? []);
  return [...new Set(rids)];
}

/** What follows `send` in `send q;h,~x;f recv y`. */
function simulcastList(where: string, value: string): string[][] {
  const [first = '', list = '', second, other, ...rest] = value.split(/ +/);
  const directions = new Set([first, second ?? (first === 'send' ? 'recv' : 'send')]);
  const wellFormed = [list, ...(second === undefined ? [] : [other ?? ''])].every(isSimulcastList);
  if (!directions.has('send') || !directions.has('recv') || rest.length > 0 || !wellFormed) {
    throw badDescription(where, 'a=simulcast is not "send|recv list" (RFC 8853 §5.1)');
  }
  const sent = first === 'send' ? list : (other ?? '');
  const streams = sent === '' ? [] : sent.split(';');
  return streams.map((stream) => stream.split(',').map((rid) => rid.replace(/^~/, '')));
}

function isSimulcastList(list: string): boolean {
  return list.split(/[;,]/).every((rid) => /^~?[A-Za-z0-9_-]+$/.test(rid));
}

/** Bits per second, RFC 3890 §6.2 and RFC 8866 §5.8; TIAS before AS. */
function readBandwidths({ lines }: { readonly lines: readonly string[] }): number[] {
  const read = (type: string, unit: number): number[] =>
    lines.flatMap((line) => {
      const [, digits] = new RegExp(`^b=${type}:(\\d{1,12}) *$`).exec(line) ?? [];
      return digits === undefined ? [] : [Number(digits) * unit];
    });
  const exact = read('TIAS', 1);
  return exact.length > 0 ? exact : read('AS', 1000);
}

/** The session's bandwidth holds for all of its media together, so for each of them too. */
function maxBitrateOf(bandwidths: readonly number[]): { maxBitrate?: number } {
  const limiting = bandwidths.filter((bandwidth) => bandwidth > 0);
  return limiting.length === 0 ? {} : { maxBitrate: Math.min(...limiting) };
}

/** RFC 4796 §5: a list. */
function isSlides(section: MediaSection): boolean {
  return attributeValues(section, 'content').some((value) => value.split(/ *, */).includes('slides'));
}
