import { termination, type Termination } from '#kernel/index.ts';
import type { RoomConfig, ZoneConfig } from './config/schema.ts';

/** A call's video, and the mixer. */
export interface VideoNeed {
  /** The call has video from the start. */
  readonly asked: boolean;
  /** The mixer could carry it within the zone's limit. */
  readonly fits: boolean;
}

/** What is known when somebody asks to come in. Policy (who, when, with which proof) adds its evidence here. */
export interface AdmissionRequest {
  readonly zoneState: 'serving' | 'draining';
  /** Undefined: no such room. */
  readonly room: RoomConfig | undefined;
  readonly video: VideoNeed;
  readonly whenVideoFull: ZoneConfig['media']['video']['when_full'];
}

/** A refusal is a value: `termination` decides what the caller is told and what the record says. */
export type Decision =
  | {
      readonly admitted: true;
      readonly room: RoomConfig;
      /** False: audio only, also when it asks for video later. */
      readonly allowVideo: boolean;
    }
  | { readonly admitted: false; readonly termination: Termination };

/** Pure: the same request always gets the same decision. Whether there is a place is looked at once he has shown what he must. */
export function decide(request: AdmissionRequest): Decision {
  const { zoneState, room, video, whenVideoFull } = request;
  if (zoneState === 'draining') return refused(termination('zone-draining'));
  if (room === undefined) return refused(termination('not-found', 'no such room in this zone'));
  if (video.asked && !video.fits && whenVideoFull === 'refuse') {
    return refused(termination('no-capacity', 'its video would be more than max_load_percent of the mixer'));
  }
  return { admitted: true, room, allowVideo: video.fits };
}

function refused(because: Termination): Decision {
  return { admitted: false, termination: because };
}
