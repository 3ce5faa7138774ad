import type { DeviceClass } from '../policy/contract.ts';
import { browserProduct, longestName, sipProduct } from './products.ts';

const longestProduct = 40;

/**
 * What a caller's device says it is; proves nothing. Hardware phones of every size are `room-system`. Of a product that is
 * not in our table the name it gives itself, without its version, and the class `unknown`.
 */
export function deviceOf(
  userAgent: string | undefined,
  protocol: 'sip' | 'web',
): { readonly class: DeviceClass; readonly product: string } {
  const text = userAgent?.trim() ?? '';
  const known = protocol === 'web' ? browserProduct(text) : sipProduct(text);
  if (known !== undefined) return { class: known.class, product: known.name };
  return { class: 'unknown', product: bareProduct(text) };
}

/** The name before the first version, comment or number of a build; `unknown` when nothing is left. */
export function bareProduct(userAgent: string): string {
  const name = userAgent
    .slice(0, longestName)
    .split(/[/(]|\s[vV]?\d/, 1)[0]
    ?.replace(/[^\p{L}\p{N} ._!+-]/gu, '')
    .trim()
    .slice(0, longestProduct);
  return name === undefined || name === '' ? 'unknown' : name;
}
