export type * from './contract.ts';
export { UserAgent } from './UserAgent.ts';
