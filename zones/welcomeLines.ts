import type { RoomConfig } from './config/schema.ts';
import type { ZoneAddresses } from './contract.ts';

/** What somebody who is alone in a room reads: where he is, and how others come in. */
export function welcomeLines(
  room: RoomConfig,
  zoneName: string,
  addresses: ZoneAddresses,
): readonly string[] {
  const { https, sip } = addresses;
  return [
    room.title ?? room.name,
    `Zone ${zoneName}`,
    `Open ${https}/${room.name}`,
    `Dial ${sip.replace('{room}', room.name)}`,
  ];
}
