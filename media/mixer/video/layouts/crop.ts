/** Which part of a source goes into which part of a canvas; pixels, even. Made once and filled again. */
export interface CropRectangles {
  sourceX: number;
  sourceY: number;
  sourceWidth: number;
  sourceHeight: number;
  targetX: number;
  targetY: number;
  targetWidth: number;
  targetHeight: number;
}

export function newCrop(): CropRectangles {
  return {
    sourceX: 0,
    sourceY: 0,
    sourceWidth: 0,
    sourceHeight: 0,
    targetX: 0,
    targetY: 0,
    targetWidth: 0,
    targetHeight: 0,
  };
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const even = (value: number): number => Math.floor(value / 2) * 2;

/** Keeps the source's shape: `cover` cuts what does not fit the place, `contain` leaves bars. Neither may be empty. */
export function crop(
  place: Place,
  sourceWidth: number,
  sourceHeight: number,
  fit: 'cover' | 'contain',
  into: CropRectangles,
): void {
  into.sourceX = 0;
  into.sourceY = 0;
  into.sourceWidth = even(sourceWidth);
  into.sourceHeight = even(sourceHeight);
  into.targetX = place.x;
  into.targetY = place.y;
  into.targetWidth = place.width;
  into.targetHeight = place.height;
  const wider = sourceWidth * place.height > place.width * sourceHeight;
  if (fit === 'cover') {
    if (wider) into.sourceWidth = Math.max(2, even((sourceHeight * place.width) / place.height));
    else into.sourceHeight = Math.max(2, even((sourceWidth * place.height) / place.width));
    into.sourceX = even((sourceWidth - into.sourceWidth) / 2);
    into.sourceY = even((sourceHeight - into.sourceHeight) / 2);
  } else {
    if (wider) into.targetHeight = Math.max(2, even((place.width * sourceHeight) / sourceWidth));
    else into.targetWidth = Math.max(2, even((place.height * sourceWidth) / sourceHeight));
    into.targetX = place.x + even((place.width - into.targetWidth) / 2);
    into.targetY = place.y + even((place.height - into.targetHeight) / 2);
  }
}
