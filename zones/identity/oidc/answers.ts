import type { FastifyReply } from 'fastify';

/** What a request is answered with: a way to go on, or a fault in JSON. */
export interface Answer {
  readonly status: 200 | 303 | 400 | 403 | 503;
  readonly location?: string;
  readonly cookies?: readonly string[];
  readonly body?: Readonly<Record<string, string>>;
}

export function goTo(location: string, ...cookies: readonly string[]): Answer {
  return { status: 303, location, cookies };
}

export function fault(status: 400 | 403 | 503, error: string, description: string): Answer {
  return { status, body: { error, error_description: description } };
}

export function send(reply: FastifyReply, { status, location, cookies, body }: Answer): FastifyReply {
  reply.code(status).header('Cache-Control', 'no-store');
  if (location !== undefined) reply.header('Location', location);
  if (cookies !== undefined) reply.header('Set-Cookie', cookies);
  return reply.send(body);
}
