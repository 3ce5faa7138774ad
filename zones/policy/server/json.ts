import { z } from 'zod';
import type { PolicyRequest } from '../contract.ts';
import type { ServerVerdict } from './contract.ts';
import { BadAnswer, type Ask } from './BadAnswer.ts';

const verdict = z.strictObject({
  allow: z.boolean(),
  reason: z.string().max(250).optional(),
  role: z.enum(['host', 'guest']).optional(),
  audio_only: z.boolean().optional(),
  display_name: z.string().min(1).max(250).optional(),
});

/** OPA adds `decision_id` and more beside `result`; without a `result` the policy is undefined there. */
const answerSchema = z.looseObject({ result: z.union([z.boolean(), verdict]) });

/** `POST {"input": …}`, as OPA's data API takes it; the answer is `{"result": true}` or an object. */
export async function askJson(ask: Ask, request: PolicyRequest): Promise<ServerVerdict> {
  const read = answerSchema.safeParse(await ask('', { input: request }));
  if (!read.success) throw new BadAnswer(`not an answer of OPA’s data API: ${z.prettifyError(read.error)}`);
  const { result } = read.data;
  const said = typeof result === 'boolean' ? { allow: result } : result;
  const reason =
    said.reason ?? (said.allow ? 'the policy server allows it' : 'the policy server does not allow it');
  if (!said.allow) return { outcome: 'deny', reason };
  return {
    outcome: 'continue',
    reason,
    ...(said.role === undefined ? {} : { role: said.role }),
    ...(said.audio_only === undefined ? {} : { audioOnly: said.audio_only }),
    ...(said.display_name === undefined ? {} : { displayName: said.display_name }),
  };
}
