import { badDescription, limits } from './limits.ts';
import type { MediaSection } from './sections.ts';

/** What one payload type stands for. */
export interface Mapping {
  readonly payloadType: number;
  readonly name: string;
  readonly clockRateHz: number;
  readonly channels: 1 | 2;
}

/**
 * The formats of the m= line, in the writer's order, with what their rtpmaps say. `implied`: what needs none (RFC 3551 §6).
 * Throws `bad-description`.
 */
export function readMappings(
  { where, media, parsed }: MediaSection,
  implied: readonly Mapping[] = [],
): Mapping[] {
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
    const mapping =
      written.get(payloadType) ?? implied.find((candidate) => candidate.payloadType === payloadType);
    return mapping === undefined ? [] : [mapping];
  });
}

/** Encoding names match without case (RFC 8866 §6.6). */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The fmtp parameters of a format: names in lower case, flags with an empty value. */
export function readParameters({ where, parsed }: MediaSection, payloadType: number): Record<string, string> {
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

/** The a=fmtp lines of formats that have something to say: `minptime=10;useinbandfec=1`. */
export function fmtpAttributes(
  formats: readonly { readonly payloadType: number; readonly parameters: Readonly<Record<string, string>> }[],
): { payload: number; config: string }[] {
  return formats.flatMap(({ payloadType, parameters }) => {
    const parts = Object.entries(parameters).map(([name, value]) =>
      value === '' ? name : `${name}=${value}`,
    );
    return parts.length === 0 ? [] : [{ payload: payloadType, config: parts.join(';') }];
  });
}

function sameMapping(one: Mapping, other: Mapping): boolean {
  return sameName(one.name, other.name) && one.clockRateHz === other.clockRateHz;
}

function isPayloadType(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= 127;
}
