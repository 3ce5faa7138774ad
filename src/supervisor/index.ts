export { Supervisor, type SupervisorOptions, type ZonePlan } from './Supervisor.ts';
export { ControlSocket, sendControlCommand, type ControlCommand } from './ControlSocket.ts';
export { keepMemoryOutOfCoreDumps } from './coreDumps.ts';
export { accessFault } from './pathAccess.ts';
export { prepareZoneFolders, type ZoneFolder } from './zoneFolders.ts';
export type { ZoneTiming, ZoneUser } from './ZoneProcess.ts';
