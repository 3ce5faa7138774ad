import type { Closable } from '#kernel/index.ts';
import type { PolicyDecision, PolicyRequest } from '../contract.ts';

/** What an external policy server makes of a request that the zone's own policy allows. It can refuse and restrict, never allow more. */
export type ServerVerdict =
  | {
      readonly outcome: 'continue' | 'deny';
      /** For the zone's own people. */
      readonly reason: string;
      /** Shown instead of the caller's own name. */
      readonly displayName?: string;
      readonly audioOnly?: boolean;
      readonly role?: 'host' | 'guest';
    }
  /** It gave no usable answer; what then is the zone's written rule. */
  | { readonly outcome: 'failed'; readonly failure: string };

export interface PolicyServer extends Closable {
  /** Never rejects, and takes no longer than its time-outs and retries say. */
  decide(request: PolicyRequest, local: PolicyDecision): Promise<ServerVerdict>;
}
