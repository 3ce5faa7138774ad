import { pino, type Logger, type LevelWithSilent } from 'pino';

export type Log = Logger;
export type LogLevel = LevelWithSilent;

/**
 * The root of one process's log: JSON lines to standard error, so that standard output stays free for answers.
 * Owners hand children `log.child({ … })`, so each line carries the chain of its owners. Nothing above `debug`
 * may hold an address, an identity or SDP.
 */
export function createLog(level: LogLevel, bindings: Record<string, unknown> = {}): Log {
  return pino({ level, base: { pid: process.pid, ...bindings } }, pino.destination({ fd: 2, sync: true }));
}
