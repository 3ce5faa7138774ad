import type { TransportDescription } from '#kernel/index.ts';
import type { EndpointKind } from '../negotiation.ts';
import type { ProfileRouter } from '../ProfileRouter.ts';
import type { LegEndpoint, StreamListener } from './contract.ts';
import { DtlsEndpoint } from './DtlsEndpoint.ts';
import { IceEndpoint } from './IceEndpoint.ts';
import { RtpEndpoint, type InsideAddress, type PublicAddress } from './RtpEndpoint.ts';

/** Where a zone's endpoints may bind. */
export interface EndpointContext {
  readonly public: PublicAddress;
  readonly inside: InsideAddress;
}

export function createEndpoint(
  context: EndpointContext,
  kind: EndpointKind,
  to: { router: ProfileRouter; stream: StreamListener; offer: TransportDescription | undefined },
): Promise<LegEndpoint> {
  const { router, stream, offer } = to;
  if (kind === 'ice') return IceEndpoint.create(router, offer);
  const options = {
    router,
    stream,
    public: context.public,
    inside: context.inside,
    ...(offer === undefined ? {} : { offer }),
  };
  return kind === 'dtls' ? DtlsEndpoint.create(options) : RtpEndpoint.create(options);
}
