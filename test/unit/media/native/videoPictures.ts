/** Y, Cb, Cr. */
export type Colour = readonly [number, number, number];

export const red: Colour = [81, 90, 240];
export const green: Colour = [145, 54, 34];
export const blue: Colour = [41, 240, 110];
export const white: Colour = [235, 128, 128];
export const black: Colour = [16, 128, 128];

export interface TestPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export function picture(width: number, height: number, colour: Colour): TestPicture {
  const data = new Uint8Array((width * height * 3) / 2);
  data.fill(colour[0], 0, width * height);
  data.fill(colour[1], width * height, (width * height * 5) / 4);
  data.fill(colour[2], (width * height * 5) / 4);
  return { width, height, data };
}

/** Without the addon's own functions: they are tested by this. */
export function paint(
  target: TestPicture,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: Colour,
): void {
  for (let row = y; row < y + height; row++)
    for (let column = x; column < x + width; column++)
      for (const [plane, at] of offsets(target, column, row).entries()) target.data[at] = colour[plane] ?? 0;
}

export function colourAt(target: TestPicture, x: number, y: number): Colour {
  const [luma, blueDifference, redDifference] = offsets(target, x, y).map((at) => target.data[at] ?? 0);
  return [luma ?? 0, blueDifference ?? 0, redDifference ?? 0];
}

/** Whether coding may have made the one of the other. */
export function isNear(actual: Colour, wanted: Colour, tolerance = 8): boolean {
  return actual.every((value, plane) => Math.abs(value - (wanted[plane] ?? 0)) <= tolerance);
}

function offsets({ width, height }: TestPicture, x: number, y: number): [number, number, number] {
  const chroma = (y >> 1) * (width / 2) + (x >> 1);
  return [y * width + x, width * height + chroma, (width * height * 5) / 4 + chroma];
}

/** A picture in four quarters: red, green, blue and white by rows. */
export function quarters(width: number, height: number): TestPicture {
  const whole = picture(width, height, red);
  paint(whole, width / 2, 0, width / 2, height / 2, green);
  paint(whole, 0, height / 2, width / 2, height / 2, blue);
  paint(whole, width / 2, height / 2, width / 2, height / 2, white);
  return whole;
}

/** A picture that costs bits: blocks that move with `time` under noise. */
export function busy(width: number, height: number, time: number): TestPicture {
  const whole = picture(width, height, black);
  let random = 1 + time;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      whole.data[y * width + x] = 60 + ((((x + 3 * time) >> 3) ^ (y >> 3)) & 7) * 16 + (random >>> 28);
    }
  return whole;
}

/** The NAL units of an Annex B byte stream, without start codes. */
export function nalUnits(stream: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(stream);
  const startCode = Buffer.of(0, 0, 0, 1);
  const units: Uint8Array[] = [];
  let start = bytes.indexOf(startCode);
  while (start >= 0) {
    const next = bytes.indexOf(startCode, start + 4);
    units.push(bytes.subarray(start + 4, next < 0 ? bytes.length : next));
    start = next;
  }
  return units;
}

/** A whole frame for the one, an access unit for the other. */
export function encodeAll(
  encoder: {
    encode(picture: Uint8Array, timestamp: number, forceKeyFrame: boolean, out: Uint8Array): number;
  },
  pictures: readonly TestPicture[],
  firstTimestamp = 0,
): Uint8Array[] {
  const out = new Uint8Array(1 << 20);
  return pictures.map(({ data }, i) =>
    out.slice(0, encoder.encode(data, firstTimestamp + i * 3000, false, out)),
  );
}
