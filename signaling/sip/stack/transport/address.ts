import { uriHost } from '#kernel/index.ts';
import type { SocketAddress } from './contract.ts';

/** host:port as in Via and URIs: IPv6 in brackets. */
export function hostPort({ address, port }: SocketAddress): string {
  return `${uriHost(address)}:${port}`;
}
