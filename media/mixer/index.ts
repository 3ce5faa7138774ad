export type * from './contract.ts';
export { ChildMixer, type MixerOptions } from './ChildMixer.ts';
