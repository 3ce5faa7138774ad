export { ControlServer, type ControlAddress } from './ControlServer.ts';
export { perform } from './commands.ts';
