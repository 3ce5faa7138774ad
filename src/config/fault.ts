import { ZonebridgeError } from '#kernel/index.ts';

/** Something wrong in a configuration, at its place in the file. */
export interface Fault {
  /** As it was given on the command line. */
  readonly file: string;
  /** Both from 1; absent when the fault is about the file as a whole. */
  readonly line?: number;
  readonly column?: number;
  /** What is wrong, and what is allowed there. */
  readonly message: string;
}

/** A fault at a place in the value rather than in the file. */
export interface PathFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export function faultText({ file, line, column, message }: Fault): string {
  return line === undefined ? `${file}: ${message}` : `${file}:${line}:${column ?? 1}: ${message}`;
}

/** All faults as one error, for those who only want to stop. */
export function configInvalid(faults: readonly Fault[]): ZonebridgeError {
  return new ZonebridgeError('config-invalid', faults.map(faultText).join('\n'));
}
