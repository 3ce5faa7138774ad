import { termination, type Termination } from '#kernel/index.ts';
import type { RoomConfig } from './config/schema.ts';

/** What is known when somebody asks to come in. Policy (who, when, with which proof) adds its evidence here. */
export interface AdmissionRequest {
  readonly zoneState: 'serving' | 'draining';
  /** Undefined: no such room. */
  readonly room: RoomConfig | undefined;
  /** People in the room now, those still joining included. */
  readonly occupancy: number;
}

/** A refusal is a value: `termination` decides what the caller is told and what the record says. */
export type Decision =
  | { readonly admitted: true; readonly room: RoomConfig }
  | { readonly admitted: false; readonly termination: Termination };

/** Pure: the same request always gets the same decision. */
export function decide({ zoneState, room, occupancy }: AdmissionRequest): Decision {
  if (zoneState === 'draining') return refused(termination('zone-draining'));
  if (room === undefined) return refused(termination('not-found', 'no such room in this zone'));
  if (occupancy >= room.capacity) return refused(termination('busy', `the room holds ${room.capacity}`));
  return { admitted: true, room };
}

function refused(because: Termination): Decision {
  return { admitted: false, termination: because };
}
