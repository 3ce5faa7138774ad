export * from './Closable.ts';
export * from './SerialQueue.ts';
export * from './errors.ts';
export * from './termination.ts';
export * from './log.ts';
export * from './ipc.ts';
export * from './description.ts';
