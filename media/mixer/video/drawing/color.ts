/** A colour as pictures have it: BT.601, limited range. */
export interface YuvColor {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** Each 0..255. */
export interface RgbColor {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** ITU-R BT.601-7 §2.5. */
export function toYuv({ red, green, blue }: RgbColor): YuvColor {
  return {
    y: Math.round(16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255),
    u: Math.round(128 + (-37.797 * red - 74.203 * green + 112 * blue) / 255),
    v: Math.round(128 + (112 * red - 93.786 * green - 18.214 * blue) / 255),
  };
}

/** `#rrggbb`; anything else is grey. */
export function parseColor(text: string): RgbColor {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (match === null) return { red: 128, green: 128, blue: 128 };
  const [red = 128, green = 128, blue = 128] = match.slice(1).map((part) => Number.parseInt(part, 16));
  return { red, green, blue };
}

/** `hue` 0..360, the others 0..1 (CSS Color 4 §7). */
export function fromHsl(hue: number, saturation: number, lightness: number): RgbColor {
  const channel = (offset: number): number => {
    const k = (offset + hue / 30) % 12;
    const amplitude = saturation * Math.min(lightness, 1 - lightness);
    return Math.round(255 * (lightness - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return { red: channel(0), green: channel(8), blue: channel(4) };
}

/** Whether black is read better on it than white (WCAG 2 §1.4.3, relative luminance). */
export function isLight({ red, green, blue }: RgbColor): boolean {
  const linear = (value: number): number => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) > 0.179;
}

export const black = toYuv({ red: 0, green: 0, blue: 0 });
export const white = toYuv({ red: 255, green: 255, blue: 255 });
/** Behind and between tiles. */
export const canvasColor = toYuv(parseColor('#15171c'));
/** Around who speaks. */
export const speakingColor = toYuv(parseColor('#3ddc97'));
/** Of the sign that says muted. */
export const mutedColor = toYuv(parseColor('#ff6b6b'));
