import { InvalidArgumentError } from 'commander';
import type { Config } from '../config/index.ts';

export interface PortOverrides {
  readonly sipPort?: number;
  readonly httpsPort?: number;
}

/** A commander argument parser. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a number from 1 to 65535.');
}

/** The command line wins over the file. */
export function withPorts(config: Config, { sipPort, httpsPort }: PortOverrides): Config {
  const { listener } = config;
  return {
    ...config,
    listener: {
      ...listener,
      sip_port: sipPort ?? listener.sip_port,
      https_port: httpsPort ?? listener.https_port,
    },
  };
}
