export { ZoneApi } from './ZoneApi.ts';
export { ZoneFigures } from './ZoneFigures.ts';
export { adminSocketPath } from './adminSocketPath.ts';
