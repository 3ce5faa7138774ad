import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { AuthenticatedPerson } from '../call.ts';

/** Who the people at the browsers are. The zone has its own way to find out; the edge gives it a place for its pages. */
export interface WebIdentity {
  /** Adds what it serves: paths below `/api/`. Called once, before anything is served. */
  routes(app: FastifyInstance): void;
  /** Who sent this request, by what the browser holds of an earlier login; undefined for who is not logged in, or no longer. */
  personOf(request: IncomingMessage): AuthenticatedPerson | undefined;
}
