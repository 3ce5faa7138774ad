import type { RoomConfig, ZoneConfig } from './config/schema.ts';
import type { CallRecords } from './cdr/contract.ts';
import type { RecordDelivery } from './cdr/delivery/index.ts';
import type { JudgeSystem } from './identity/contract.ts';
import type { PinGate } from './identity/PinGate.ts';
import type { PolicyEngine } from './policy/contract.ts';
import type { Prompts } from './prompts/Prompts.ts';
import type { Turns } from './rooms/Turns.ts';
import type { DialOut } from './DialOut.ts';

/** What the conferences of a zone share beside its media. The zone host has made them and closes them. */
export interface ZoneServices {
  readonly zone: ZoneConfig;
  readonly policy: PolicyEngine;
  readonly records: CallRecords;
  /** When the zone's records have a receiver. */
  readonly delivery?: RecordDelivery;
  readonly prompts: Prompts;
  readonly judgeSystem: JudgeSystem;
  readonly pinsOf: (room: RoomConfig) => PinGate;
  /** In which all its rooms decide again: many small ones are as much work as a large one. */
  readonly turns: Turns;
  /** Calls that the zone makes. */
  readonly dialOut: DialOut;
}
