import { audioCodecNames, type AudioCodec, type AudioCodecName, type TelephoneEvent } from '#kernel/index.ts';
import { badDescription, limits } from './limits.ts';
import type { MediaSection } from './sections.ts';

interface Shape {
  readonly clockRateHz: number;
  readonly channels: 1 | 2;
}

/** What an rtpmap must say: RFC 7587 §7, RFC 3551 §4.5. */
const shapes = {
  opus: { clockRateHz: 48_000, channels: 2 },
  G722: { clockRateHz: 8000, channels: 1 },
  PCMA: { clockRateHz: 8000, channels: 1 },
  PCMU: { clockRateHz: 8000, channels: 1 },
} as const satisfies Record<AudioCodecName, Shape>;

/** RFC 3551 §6: these need no rtpmap. */
const staticNames = new Map<number, AudioCodecName>([
  [0, 'PCMU'],
  [8, 'PCMA'],
  [9, 'G722'],
]);

interface Mapping extends Shape {
  readonly payloadType: number;
  readonly name: string;
}

export interface AudioFormats {
  readonly codecs: readonly AudioCodec[];
  readonly telephoneEvent?: TelephoneEvent;
}

/** The formats that we know, in the writer's order. What is unknown is left out. */
export function readFormats(section: MediaSection): AudioFormats {
  const mappings = readMappings(section);
  const codecs = mappings.flatMap((mapping) => asCodec(section, mapping));
  const telephoneEvent = pickTelephoneEvent(mappings, codecs[0]?.clockRateHz);
  return { codecs, ...(telephoneEvent === undefined ? {} : { telephoneEvent }) };
}

export function rtpmapOf({ name, clockRateHz, channels }: AudioCodec): string {
  return `${name}/${clockRateHz}${channels === 2 ? '/2' : ''}`;
}

/** `minptime=10;useinbandfec=1`; undefined when there is nothing to say. */
export function fmtpOf({ parameters }: AudioCodec): string | undefined {
  const parts = Object.entries(parameters).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return parts.length === 0 ? undefined : parts.join(';');
}

function readMappings({ where, media, parsed }: MediaSection): Mapping[] {
  const written = new Map<number, Mapping>();
  for (const { payload, codec, rate, encoding } of parsed.rtp) {
    const payloadType = Number(payload);
    const channels = Number(encoding ?? 1) === 2 ? 2 : 1;
    const mapping = {
      payloadType,
      name: String(codec),
      clockRateHz: Number(rate ?? 8000),
      channels,
    } as const;
    const before = written.get(payloadType);
    if (before !== undefined && !sameMapping(before, mapping)) {
      throw badDescription(where, `payload type ${payloadType} has two different rtpmaps (RFC 8866 §6.6)`);
    }
    written.set(payloadType, mapping);
  }
  const payloadTypes = [...new Set(media.formats.split(' ').map(Number))];
  return payloadTypes.filter(isPayloadType).flatMap((payloadType) => {
    const name = staticNames.get(payloadType);
    const implied = name === undefined ? [] : [{ payloadType, name, ...shapes[name] }];
    const mapping = written.get(payloadType);
    return mapping === undefined ? implied : [mapping];
  });
}

function sameMapping(one: Mapping, other: Mapping): boolean {
  return one.name.toLowerCase() === other.name.toLowerCase() && one.clockRateHz === other.clockRateHz;
}

function isPayloadType(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= 127;
}

function asCodec(section: MediaSection, { payloadType, name, clockRateHz, channels }: Mapping): AudioCodec[] {
  // Encoding names match without case (RFC 8866 §6.6).
  const known = audioCodecNames.find((codec) => codec.toLowerCase() === name.toLowerCase());
  if (known === undefined) return [];
  const shape = shapes[known];
  if (shape.clockRateHz !== clockRateHz || shape.channels !== channels) return [];
  return [{ name: known, payloadType, ...shape, parameters: readParameters(section, payloadType) }];
}

function readParameters({ where, parsed }: MediaSection, payloadType: number): Record<string, string> {
  const config = parsed.fmtp.find(({ payload }) => payload === payloadType)?.config;
  const parts = String(config ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length > limits.codecParameters) {
    throw badDescription(
      where,
      `payload type ${payloadType} has more than ${limits.codecParameters} parameters`,
    );
  }
  return Object.fromEntries(
    parts.map((part) => {
      const [name = '', ...value] = part.split('=');
      return [name.trim().toLowerCase(), value.join('=').trim()] as const;
    }),
  );
}

/** RFC 4733 §2.1: events share the clock of the voice that they replace; else the common 8 kHz. */
function pickTelephoneEvent(
  mappings: readonly Mapping[],
  clockRateHz: number | undefined,
): TelephoneEvent | undefined {
  const events = mappings.filter(({ name }) => name.toLowerCase() === 'telephone-event');
  const byClock = (wanted: number | undefined): Mapping | undefined =>
    events.find((event) => event.clockRateHz === wanted);
  const event = byClock(clockRateHz) ?? byClock(8000);
  return event === undefined ? undefined : { payloadType: event.payloadType, clockRateHz: event.clockRateHz };
}
