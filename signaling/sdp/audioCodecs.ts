import type { MediaDescription } from 'sdp-transform';
import {
  audioCodecNames,
  type AudioCodec,
  type AudioCodecName,
  type AudioDescription,
  type TelephoneEvent,
} from '#kernel/index.ts';
import { fmtpAttributes, readMappings, readParameters, sameName, type Mapping } from './formats.ts';
import type { MediaSection } from './sections.ts';

/** What an rtpmap must say: RFC 7587 §7, RFC 3551 §4.5. */
const shapes = {
  opus: { clockRateHz: 48_000, channels: 2 },
  G722: { clockRateHz: 8000, channels: 1 },
  PCMA: { clockRateHz: 8000, channels: 1 },
  PCMU: { clockRateHz: 8000, channels: 1 },
} as const satisfies Record<AudioCodecName, Pick<Mapping, 'clockRateHz' | 'channels'>>;

/** RFC 3551 §6: these need no rtpmap. */
const staticMappings: readonly Mapping[] = [
  { payloadType: 0, name: 'PCMU', ...shapes.PCMU },
  { payloadType: 8, name: 'PCMA', ...shapes.PCMA },
  { payloadType: 9, name: 'G722', ...shapes.G722 },
];

/** The events that a keypad has, RFC 4733 §3.2. */
const keypadEvents = '0-15';

type AudioFormats = Pick<AudioDescription, 'codecs' | 'telephoneEvent'>;

/** The formats that we know, in the writer's order; undefined when there is no codec among them. */
export function readAudioFormats(section: MediaSection): AudioFormats | undefined {
  const mappings = readMappings(section, staticMappings);
  const codecs = mappings.flatMap((mapping) => asCodec(section, mapping));
  if (codecs.length === 0) return undefined;
  const telephoneEvent = pickTelephoneEvent(mappings, codecs[0]?.clockRateHz);
  return { codecs, ...(telephoneEvent === undefined ? {} : { telephoneEvent }) };
}

export function audioFormatAttributes({
  codecs,
  telephoneEvent,
}: AudioFormats): Pick<MediaDescription, 'payloads' | 'rtp' | 'fmtp'> {
  const rtp: MediaDescription['rtp'] = codecs.map(({ name, payloadType, clockRateHz, channels }) => ({
    payload: payloadType,
    codec: name,
    rate: clockRateHz,
    ...(channels === 2 ? { encoding: 2 } : {}),
  }));
  const fmtp = fmtpAttributes(codecs);
  if (telephoneEvent !== undefined) {
    const { payloadType: payload, clockRateHz: rate } = telephoneEvent;
    rtp.push({ payload, codec: 'telephone-event', rate });
    fmtp.push({ payload, config: keypadEvents });
  }
  return { payloads: rtp.map(({ payload }) => payload).join(' '), rtp, fmtp };
}

function asCodec(section: MediaSection, { payloadType, name, clockRateHz, channels }: Mapping): AudioCodec[] {
  const known = audioCodecNames.find((codec) => sameName(codec, name));
  if (known === undefined) return [];
  const shape = shapes[known];
  if (shape.clockRateHz !== clockRateHz || shape.channels !== channels) return [];
  return [{ name: known, payloadType, ...shape, parameters: readParameters(section, payloadType) }];
}

/** RFC 4733 §2.1: events share the clock of the voice that they replace; else the common 8 kHz. */
function pickTelephoneEvent(
  mappings: readonly Mapping[],
  clockRateHz: number | undefined,
): TelephoneEvent | undefined {
  const events = mappings.filter(({ name }) => sameName(name, 'telephone-event'));
  const byClock = (wanted: number | undefined): Mapping | undefined =>
    events.find((event) => event.clockRateHz === wanted);
  const event = byClock(clockRateHz) ?? byClock(8000);
  return event === undefined ? undefined : { payloadType: event.payloadType, clockRateHz: event.clockRateHz };
}
