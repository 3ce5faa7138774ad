import { z } from 'zod';
import type { PolicyDecision, PolicyRequest } from '../contract.ts';
import type { ServerVerdict } from './contract.ts';
import { BadAnswer, type Ask } from './BadAnswer.ts';
import { unobeyedField } from './pexipFields.ts';
import type { PolicyServerOptions } from './HttpPolicyServer.ts';

/** Longer texts are cut, as Pexip does. */
const maxText = 250;

const envelope = z.looseObject({
  status: z.literal('success'),
  action: z.enum(['continue', 'reject', 'redirect']).optional(),
  result: z.looseObject({}).optional(),
});

const serviceTypes = [
  'conference',
  'lecture',
  'gateway',
  'two_stage_dialing',
  'media_playback',
  'test_call',
] as const;

/** What of a service is a room of ours; another kind of service is nothing that a zone has. */
const serviceSchema = z.looseObject({
  name: z.string().min(1),
  service_tag: z.string(),
  service_type: z.enum(serviceTypes),
  call_type: z.enum(['video', 'video-only', 'audio', 'auto']).optional(),
  locked: z.boolean().optional(),
});

const participantSchema = z.looseObject({
  remote_display_name: z.string().max(maxText).optional(),
  preauthenticated_role: z.enum(['chair', 'guest']).nullable().optional(),
  reject_reason: z.string().max(maxText).optional(),
});

const locationSchema = z.looseObject({
  location: z.string().min(1),
  overflow_locations: z.array(z.string()).optional(),
});

/**
 * Pexip's external policy: `service/configuration`, then `participant/properties`, then `participant/location`. Names, order and the
 * rule that `action` is ignored beside a valid result are Pexip's; where Pexip falls back to its own database, this is a failure.
 */
export async function askPexip(
  ask: Ask,
  request: PolicyRequest,
  local: PolicyDecision,
  { zone, nodeAddress }: PolicyServerOptions,
): Promise<ServerVerdict> {
  const parameters = parametersOf(request, zone, nodeAddress);
  const service = await step(ask, 'policy/v1/service/configuration', parameters, serviceSchema);
  if ('denied' in service) return { outcome: 'deny', reason: service.denied };
  if (service.result !== undefined && !['conference', 'lecture'].includes(service.result.service_type)) {
    throw new BadAnswer(`service_type ${service.result.service_type} is nothing that a zone has`);
  }
  if (service.result !== undefined && service.result.name !== request.room) {
    throw new BadAnswer('service/configuration names another room than the one that was asked for');
  }
  const own = { ...parameters, ...participantParameters(request, local) };
  const participant = await step(ask, 'policy/v1/participant/properties', own, participantSchema);
  if ('denied' in participant) return { outcome: 'deny', reason: participant.denied };
  const { remote_display_name: displayName, preauthenticated_role: role } = participant.result ?? {};
  const during = request.action === 'stay' || request.inCall === true;
  if (!during) await checkLocation(ask, parameters, zone);
  return {
    outcome: 'continue',
    reason: 'the policy server allows it',
    ...(displayName === undefined || displayName === '' ? {} : { displayName }),
    ...(role === 'guest' ? { role: 'guest' } : {}),
    ...(service.result?.call_type === 'audio' ? { audioOnly: true } : {}),
  };
}

/** Asked when a call is set up only, as Pexip does. */
async function checkLocation(
  ask: Ask,
  parameters: Readonly<Record<string, string>>,
  zone: string,
): Promise<void> {
  const location = await step(ask, 'policy/v1/participant/location', parameters, locationSchema);
  if ('denied' in location) throw new BadAnswer('participant/location has no action reject');
  if (location.result !== undefined && location.result.location !== zone) {
    throw new BadAnswer('participant/location names a location other than this zone');
  }
}

type Step<T> = { readonly result?: T } | { readonly denied: string };

async function step<T>(
  ask: Ask,
  path: string,
  parameters: Readonly<Record<string, string>>,
  schema: z.ZodType<T>,
): Promise<Step<T>> {
  const query = new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, value.slice(0, maxText)]),
  );
  const name = path.replace('policy/v1/', '');
  const read = envelope.safeParse(await ask(`${path}?${query.toString()}`));
  if (!read.success)
    throw new BadAnswer(`${name}: not an answer of a policy server: ${z.prettifyError(read.error)}`);
  const { action, result } = read.data;
  // Pexip ignores the action beside a valid result; of participant/properties, where every field is optional, that would be every no.
  if (action === 'reject' && name === 'participant/properties') return { denied: reasonIn(result, name) };
  if (result !== undefined && Object.keys(result).length > 0) {
    const valid = schema.safeParse(result);
    if (valid.success) return { result: obeyed(name, result, valid.data) };
    if (action !== 'reject') throw new BadAnswer(`${name}: ${z.prettifyError(valid.error)}`);
  }
  if (action === 'reject') return { denied: reasonIn(result, name) };
  if (action === 'redirect') return { denied: `the policy server sends the caller elsewhere (${name})` };
  if (action === 'continue') return {};
  throw new BadAnswer(`${name}: neither a result nor an action`);
}

/** What a server asks for and a zone would not do is no consent to go on without it. */
function obeyed<T>(name: string, result: Readonly<Record<string, unknown>>, valid: T): T {
  const field = unobeyedField(result);
  if (field === undefined) return valid;
  throw new BadAnswer(`${name}: a zone has nothing to do ${field} with; leave it out`);
}

function reasonIn(result: Readonly<Record<string, unknown>> | undefined, name: string): string {
  const reason = result?.reject_reason;
  return typeof reason === 'string' ? reason.slice(0, maxText) : `the policy server rejects it (${name})`;
}

function parametersOf(
  request: PolicyRequest,
  zone: string,
  nodeAddress: string,
): Readonly<Record<string, string>> {
  const { caller, direction, protocol, source, device, room, occupancy } = request;
  return {
    call_direction: direction === 'in' ? 'dial_in' : 'dial_out',
    local_alias: room,
    location: zone,
    node_ip: new URL(nodeAddress).hostname,
    protocol: protocol === 'web' ? 'webrtc' : 'sip',
    remote_address: source.address,
    remote_alias: caller.uri ?? caller.name,
    remote_display_name: caller.name,
    service_name: room,
    display_count: String(occupancy.total),
    trigger: protocol === 'web' ? 'web' : 'invite',
    vendor: device.product,
    registered: 'False',
    version_id: '1',
  };
}

function participantParameters(
  { evidence }: PolicyRequest,
  { obligations }: PolicyDecision,
): Readonly<Record<string, string>> {
  const { person } = evidence;
  const attributes =
    person === undefined
      ? {}
      : {
          idp_attribute_sub: person.subject,
          ...(person.email === undefined ? {} : { idp_attribute_email: person.email }),
          ...(person.groups.length === 0 ? {} : { idp_attribute_groups: person.groups.join(',') }),
        };
  return {
    participant_type: 'standard',
    preauthenticated_role: obligations.role === 'host' ? 'chair' : 'guest',
    bypass_lock: 'False',
    ...attributes,
  };
}
