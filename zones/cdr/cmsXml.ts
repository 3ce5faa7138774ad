import type { TerminationCause } from '#kernel/index.ts';
import type { CallRecord } from './schema.ts';

/** Why a leg ended, in the words of Cisco Meeting Server's records. */
const reasons: Partial<Record<TerminationCause, string>> = {
  'remote-hangup': 'remoteTeardown',
  'transport-lost': 'remoteTeardown',
  'local-hangup': 'localTeardown',
  removed: 'apiInitiatedTeardown',
  'conference-ended': 'callEnded',
  'duration-over': 'callEnded',
  'pin-failed': 'incorrectPasscode',
  busy: 'participantLimitReached',
  'not-found': 'unknownDestination',
  declined: 'remoteRejected',
  'no-answer': 'ringingTimeout',
  'not-acceptable': 'encryptionRequired',
  'lobby-timeout': 'timeout',
  'media-timeout': 'timeout',
};

/** Records as Cisco Meeting Server sends them to its receivers: one `<records>` of `callStart`, `callEnd`, `callLegStart`, `callLegUpdate`, `callLegEnd`. */
export function cmsXml(records: readonly CallRecord[], zone: string): string {
  const begun = new Map<string, number>();
  const elements = records
    .map((record, index) => element(record, index + 1, begun))
    .filter((text) => text !== '');
  const head = `<records session="${escaped(zone)}" callBridge="${escaped(zone)}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...elements, '</records>', ''].join('\n');
}

function element(record: CallRecord, index: number, begun: Map<string, number>): string {
  const { type, time, conference_id: call = '', leg_id: leg = '' } = record;
  switch (type) {
    case 'conference-start':
      begun.set(call, Date.parse(time));
      return wrap('callStart', record, index, 'call', call, { name: record.room, callType: 'coSpace' });
    case 'conference-end':
      return wrap('callEnd', record, index, 'call', call, {
        callLegsCompleted: record.legs,
        callLegsMaxActive: record.most_at_once,
        durationSeconds: since(begun.get(call), time),
      });
    case 'leg-start':
      begun.set(leg, Date.parse(time));
      return wrap('callLegStart', record, index, 'callLeg', leg, {
        displayName: record.display_name,
        remoteAddress: record.remote_address,
        remoteParty: record.uri,
        type: record.protocol === 'web' ? 'acano' : 'sip',
        direction: record.direction === 'out' ? 'outgoing' : 'incoming',
        call,
      });
    case 'leg-update':
      return wrap('callLegUpdate', record, index, 'callLeg', leg, { state: 'connected' });
    case 'leg-end':
      return wrap('callLegEnd', record, index, 'callLeg', leg, {
        reason: record.cause === undefined ? undefined : (reasons[record.cause] ?? 'error'),
        remoteTeardown: record.cause === 'remote-hangup',
        encryptedMedia: record.media_security !== undefined && record.media_security !== 'none',
        durationSeconds: since(begun.get(leg), time),
      });
    default:
      return '';
  }
}

function wrap(
  name: string,
  { time }: CallRecord,
  index: number,
  item: 'call' | 'callLeg',
  id: string,
  fields: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const inside = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `<${key}>${escaped(String(value))}</${key}>`);
  const attributes = `type="${name}" time="${time}" recordIndex="${index}" correlatorIndex="${index}"`;
  return `  <record ${attributes}><${item} id="${escaped(id)}">${inside.join('')}</${item}></record>`;
}

function since(beganMs: number | undefined, time: string): number | undefined {
  return beganMs === undefined ? undefined : Math.round((Date.parse(time) - beganMs) / 1000);
}

function escaped(text: string): string {
  // Control characters have no place in XML 1.0, escaped or not.
  const plain = text.replace(/[^\P{Cc}\t\n\r]/gu, '');
  return plain
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
