import type { LegRecord, RecordEvent, DecisionRecord } from './contract.ts';
import type { CallRecord } from './schema.ts';

/** The record of an event, as the schema has it. */
export function recordOf(event: RecordEvent, atMs: number): CallRecord {
  const head = { type: event.type, time: new Date(atMs).toISOString() } as const;
  switch (event.type) {
    case 'conference-start':
      return { ...head, conference_id: event.conferenceId, room: event.room };
    case 'conference-end':
      return { ...head, conference_id: event.conferenceId, legs: event.legs, most_at_once: event.most };
    case 'leg-start':
      return { ...head, conference_id: event.leg.conferenceId, ...legFields(event.leg) };
    case 'leg-update':
      return {
        ...head,
        leg_id: event.legId,
        change: event.change,
        ...(event.decision === undefined ? {} : decisionFields(event.decision)),
      };
    case 'leg-end':
      return { ...head, leg_id: event.legId, ...endFields(event), ...mediaFields(event.media) };
    case 'attempt-refused':
      return { ...head, ...legFields(event.leg), ...endFields(event) };
  }
}

function legFields(leg: Omit<LegRecord, 'conferenceId'>): Partial<CallRecord> {
  return defined({
    leg_id: leg.legId,
    room: leg.room,
    direction: leg.direction,
    protocol: leg.protocol,
    display_name: leg.displayName,
    uri: leg.uri,
    remote_address: leg.remoteAddress,
    user_agent: leg.userAgent,
    device: leg.device,
    party: leg.party,
    role: leg.role,
    assurance: [...leg.assurance],
    person_issuer: leg.personIssuer,
    person_subject: leg.personSubject,
    system_domains: leg.systemDomains && [...leg.systemDomains],
    system_fault: leg.systemFault,
    possession: leg.possession && [...leg.possession],
    backend_kind: leg.backend.kind,
    backend_evidence: [...leg.backend.evidence],
    backend_confidence: leg.backend.confidence,
    signaling_security: leg.signalingSecurity,
    ...decisionFields(leg.decision),
  });
}

function decisionFields(decision: DecisionRecord): Partial<CallRecord> {
  return defined({
    decision_id: decision.decisionId,
    decision_effect: decision.effect,
    decision_policies: [...decision.policies],
    decision_revision: decision.revision,
    decided_by: decision.decidedBy,
    decision_fallback: decision.fallback,
  });
}

function endFields({
  cause,
  detail,
}: Pick<Extract<RecordEvent, { type: 'leg-end' }>, 'cause' | 'detail'>): Partial<CallRecord> {
  return defined({ cause, detail: detail?.slice(0, 1024) });
}

function mediaFields(media: Extract<RecordEvent, { type: 'leg-end' }>['media']): Partial<CallRecord> {
  if (media === undefined) return {};
  return defined({
    audio_codec: media.audioCodec,
    video_codec: media.videoCodec,
    media_security: media.mediaSecurity,
    packets_received: media.packetsReceived,
    packets_lost: media.packetsLost,
    packets_sent: media.packetsSent,
  });
}

const maxText = 1024;

function cut(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, maxText);
  return Array.isArray(value) ? value.map(cut) : value;
}

/** Without what is not known. */
function defined(fields: { [K in keyof CallRecord]?: CallRecord[K] | undefined }): Partial<CallRecord> {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  // A far end chooses some of them; a long one must not keep a record from being written.
  return Object.fromEntries(known.map(([name, value]) => [name, cut(value)]));
}
