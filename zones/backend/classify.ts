import type { Backend, BackendKind } from '../policy/contract.ts';
import { bareProduct } from './deviceOf.ts';
import { browserProduct, sipProduct } from './products.ts';

/** All that was seen of a leg that tells what stands behind it. */
export interface LegSigns {
  /** `CallOrigin.signs`: `isfocus`, `allow-events=conference`, `user-agent=…`, `server=…`, `sdp-ssrcs=5`, `sdp-videos=3`. */
  readonly signs: readonly string[];
  readonly userAgent?: string;
  /** Most CSRCs in one audio packet (RFC 3550 §5.1): people mixed behind the leg. Unknown before media came. */
  readonly contributors?: number;
  /** People in the roster that its focus announced (RFC 4575). */
  readonly announced?: number;
}

type Kind = Exclude<BackendKind, 'unknown'>;

/** `observed`: seen in what it did, and not only said of itself. */
interface Clue {
  readonly text: string;
  readonly kind: Kind | undefined;
  readonly weight: number;
  readonly observed?: true;
}

/**
 * How much a clue counts. Whoever says that he is many is believed, since it is to his disadvantage; whoever says that he is one
 * phone is believed until something speaks against it. Many phones name the conference package because they can subscribe
 * to it, and browsers send several SSRCs of one camera, so alone these say little.
 */
const weights = {
  contributors: 8,
  announced: 8,
  isfocus: 5,
  mcuProduct: 5,
  gatewayProduct: 4,
  endpointProduct: 3,
  exchangeProduct: 2,
  manyVideos: 2,
  oneContributor: 2,
  conferencePackage: 1,
  manySsrcs: 1,
} as const;

/** Less than this says nothing: a phone that nobody knows may well name the conference package. */
const least = 2;

/** A camera in three sizes and a shared screen: more sources than these have more than one person. */
const mostSources = { ssrcs: 4, videos: 2 };

/**
 * What stands behind a leg. The kind with the most weight wins, `focus` before `gateway` before `endpoint` when it is even.
 * Confidence is high when somebody mixed behind it was observed, or the leg admits to more than one phone and nothing contradicts; medium
 * when what it says of itself is not contradicted, or outweighs what contradicts by twice; else low. `endpoint` is never high: nothing
 * proves that nobody else is behind.
 */
export function classify(seen: LegSigns): Backend {
  const clues = cluesOf(seen).sort((a, b) => b.weight - a.weight);
  const evidence = [...new Set(clues.map(({ text }) => text))];
  const [first, ...others] = rank(clues);
  if (first === undefined || first.weight < least) return { kind: 'unknown', evidence, confidence: 'low' };
  const observed = clues.some((clue) => clue.observed === true && clue.kind === first.kind);
  // A gateway hands on the signs of who is behind it, so it does not speak against a focus.
  const against = others.find(({ kind }) => !(first.kind === 'focus' && kind === 'gateway'))?.weight ?? 0;
  return { kind: first.kind, evidence, confidence: observed ? 'high' : confidenceOf(first, against) };
}

function confidenceOf({ kind, weight }: Ranked, against: number): Backend['confidence'] {
  if (kind !== 'endpoint' && weight >= weights.gatewayProduct && against === 0) return 'high';
  return weight >= weights.endpointProduct && weight >= 2 * against ? 'medium' : 'low';
}

interface Ranked {
  readonly kind: Kind;
  readonly weight: number;
}

function rank(clues: readonly Clue[]): readonly Ranked[] {
  const kinds: readonly Kind[] = ['focus', 'gateway', 'endpoint'];
  return kinds
    .map((kind) => ({ kind, weight: weightOf(clues, kind) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
}

/** The same product in User-Agent and Server counts once. */
function weightOf(clues: readonly Clue[], kind: Kind): number {
  const products = clues.filter((clue) => clue.kind === kind && isProduct(clue));
  const others = clues.filter((clue) => clue.kind === kind && !isProduct(clue));
  const most = Math.max(0, ...products.map(({ weight }) => weight));
  return others.reduce((sum, { weight }) => sum + weight, most);
}

function isProduct({ text }: Clue): boolean {
  return text.startsWith('user-agent=') || text.startsWith('server=');
}

function cluesOf({ signs, userAgent, contributors = 0, announced = 0 }: LegSigns): Clue[] {
  // The sign has the first word of the product only, the header all that tells one of its maker's from another.
  const kept = userAgent === undefined ? signs : signs.filter((sign) => !sign.startsWith('user-agent='));
  const clues = kept.map(clueOfSign).filter((clue) => clue !== undefined);
  if (userAgent !== undefined) clues.push(clueOfProduct('user-agent', userAgent));
  if (contributors > 1) clues.push(observedFocus(`csrc=${contributors}`, weights.contributors));
  else if (contributors === 1) clues.push({ text: 'csrc=1', kind: 'focus', weight: weights.oneContributor });
  if (announced > 1) clues.push(observedFocus(`roster=${announced}`, weights.announced));
  return clues;
}

function observedFocus(text: string, weight: number): Clue {
  return { text, kind: 'focus', weight, observed: true };
}

function clueOfSign(sign: string): Clue | undefined {
  const [name = '', value = ''] = sign.split(/=(.*)/s, 2);
  if (name === 'isfocus') return { text: sign, kind: 'focus', weight: weights.isfocus };
  if (name === 'user-agent' || name === 'server') return clueOfProduct(name, value);
  if (sign === 'allow-events=conference') {
    return { text: sign, kind: 'focus', weight: weights.conferencePackage };
  }
  if (name === 'sdp-ssrcs') return clueOfCount(sign, value, mostSources.ssrcs, weights.manySsrcs);
  if (name === 'sdp-videos') return clueOfCount(sign, value, mostSources.videos, weights.manyVideos);
  return undefined;
}

function clueOfCount(text: string, value: string, most: number, weight: number): Clue {
  return Number(value) > most ? { text, kind: 'focus', weight } : { text, kind: undefined, weight: 0 };
}

function clueOfProduct(header: string, text: string): Clue {
  const product = sipProduct(text) ?? browserProduct(text);
  const name = product?.name ?? bareProduct(text);
  if (product === undefined) return { text: `${header}=${name}`, kind: undefined, weight: 0 };
  const weight = product.ambiguous
    ? weights.exchangeProduct
    : { focus: weights.mcuProduct, gateway: weights.gatewayProduct, endpoint: weights.endpointProduct }[
        product.kind
      ];
  return { text: `${header}=${name}`, kind: product.kind, weight };
}
