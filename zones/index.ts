export { zoneSchema, reservedRoomNames, type ZoneConfig, type RoomConfig } from './config/schema.ts';
export { zoneExitCodes, type HandedConnection, type ZoneHealth, type ZoneStart } from './contract.ts';
