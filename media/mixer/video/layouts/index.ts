export { crop, newCrop, type CropRectangles } from './crop.ts';
export { capacityOf, layOut, type Guest } from './layOut.ts';
