import { inflateSync } from 'node:zlib';

/** Pixels as they are seen: three bytes each, from the upper left corner, without padding. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Whether the file's last chunk is there: programs write while we look. */
export function pngIsWhole(file: Buffer): boolean {
  return file.length > 20 && file.toString('latin1', file.length - 8, file.length - 4) === 'IEND';
}

/** Reads a PNG of 8-bit RGB or RGBA without interlacing, as baresip and Chromium write them (alpha is dropped). */
export function readPng(file: Buffer): Picture {
  if (!file.subarray(0, 8).equals(signature)) throw new Error('this is not a PNG file');
  const width = file.readUInt32BE(16);
  const height = file.readUInt32BE(20);
  const [depth, colorType, , , interlace] = file.subarray(24, 29);
  const channels = colorType === 6 ? 4 : 3;
  if (depth !== 8 || (colorType !== 2 && colorType !== 6) || interlace !== 0) {
    throw new Error(`a PNG of depth ${depth ?? 0} and colour type ${colorType ?? 0} is not read here`);
  }
  const data: Buffer[] = [];
  for (let at = 8; at + 8 <= file.length;) {
    const length = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const lines = inflateSync(Buffer.concat(data));
  unfilter(lines, width * channels, height, channels);
  return { width, height, rgb: pixels(lines, width, height, channels) };
}

/** Undoes the filters of PNG §9 in place; each line is one byte for the filter's type, then its samples. */
function unfilter(lines: Buffer, lineBytes: number, height: number, channels: number): void {
  for (let y = 0; y < height; y += 1) {
    const start = y * (lineBytes + 1) + 1;
    const type = lines[start - 1] ?? 0;
    for (let x = 0; x < lineBytes; x += 1) {
      const left = x < channels ? 0 : (lines[start + x - channels] ?? 0);
      const above = y === 0 ? 0 : (lines[start + x - lineBytes - 1] ?? 0);
      const aboveLeft = x < channels || y === 0 ? 0 : (lines[start + x - lineBytes - 1 - channels] ?? 0);
      lines[start + x] = (lines[start + x] ?? 0) + predicted(type, left, above, aboveLeft);
    }
  }
}

function predicted(type: number, left: number, above: number, aboveLeft: number): number {
  switch (type) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      const [toLeft, toAbove] = [Math.abs(above - aboveLeft), Math.abs(left - aboveLeft)];
      const toAboveLeft = Math.abs(left + above - 2 * aboveLeft);
      if (toLeft <= toAbove && toLeft <= toAboveLeft) return left;
      return toAbove <= toAboveLeft ? above : aboveLeft;
    }
    default:
      throw new Error(`a PNG has no filter ${type}`);
  }
}

function pixels(lines: Buffer, width: number, height: number, channels: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    const line = y * (width * channels + 1) + 1;
    for (let x = 0; x < width; x += 1) {
      const from = line + x * channels;
      rgb.set(lines.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return rgb;
}
