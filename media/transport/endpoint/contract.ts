import type { types } from 'mediasoup';
import type { Closable, TransportDescription } from '#kernel/index.ts';
import type { ProfileRouter } from '../ProfileRouter.ts';

/** How one leg's packets get from the far end into the worker and back. */
export interface LegEndpoint extends Closable {
  /** The worker's end of it. */
  readonly transport: types.Transport;
  /** Name of the SRTP suite, or `none`. */
  readonly srtpSuite: string;
  /** Tells of streams that arrive; where it cannot, the worker's log must (docs/adr/0002). */
  readonly seesStreams: boolean;
  describe(): TransportDescription;
  /**
   * Takes what the far end's offer or answer says. False when it asks for an association that this endpoint cannot become, so
   * that it must be replaced. Throws `not-acceptable`.
   */
  update(remote: TransportDescription): Promise<boolean>;
  /** Connects to another router, perhaps of another worker. Absent where a move would break the association. */
  readonly move?: (router: ProfileRouter) => Promise<void>;
  /** `performance.now()` when something last came from the far end, as well as is known; -Infinity before that. */
  heardMs(): Promise<number>;
}

export type { StreamListener } from '../relay/streamNotice.ts';
