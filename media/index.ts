export type * from './contract.ts';
export { ZoneMedia, type ZoneMediaDeps } from './transport/ZoneMedia.ts';
