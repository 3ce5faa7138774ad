import { parseNameAddr, parseUri } from '../message/index.ts';

/** Request-URI and Route headers of a request in a dialog, RFC 3261 §12.2.1.1. */
export function routed(
  remoteTarget: string,
  routeSet: readonly string[],
): { readonly uri: string; readonly routes: readonly string[] } {
  const [first, ...others] = routeSet;
  if (first === undefined) return { uri: remoteTarget, routes: [] };
  const { uri } = parseNameAddr(first);
  if (parseUri(uri).parameters.has('lr')) return { uri: remoteTarget, routes: routeSet };
  // A strict router of RFC 2543 wants to be the Request-URI itself.
  return { uri, routes: [...others, `<${remoteTarget}>`] };
}
