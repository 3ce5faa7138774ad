export { zoneSchema, reservedRoomNames, type ZoneConfig, type RoomConfig } from './config/schema.ts';
export {
  zoneExitCodes,
  type CertificateFinding,
  type HandedConnection,
  type InspectRequest,
  type LinkedZone,
  type ZoneAddresses,
  type ZoneHealth,
  type ZoneStart,
} from './contract.ts';
export {
  exportRecords,
  openDecision,
  openRecords,
  purgeRecords,
  purgeRecordsBefore,
  recordFormats,
  recordsText,
  verifyRecords,
  type RecordsPlace,
  type ZoneRecords,
  type RecordFormat,
} from './cdr/index.ts';
export { adminSocketPath } from './api/adminSocketPath.ts';
export { defaultPolicy } from './policy/defaultPolicy.ts';
export { policyFaults } from './policy/PolicySet.ts';
export {
  askedSchema,
  caseResult,
  certificateEvidence,
  explain,
  keptDecision,
  keptRequest,
  LocalRules,
  pinKinds,
  policyCasesSchema,
  replay,
  requestOf,
  type Asked,
  type Explanation,
  type PolicyCase,
  type Replay,
  type SystemShown,
} from './policy/explain/index.ts';
export { hashPin } from './identity/pin.ts';
export { digestAlgorithms, passwordHash } from './identity/digestCredentials.ts';
export {
  isDigestUser,
  makeDigestSecret,
  readDigestUsers,
  writeDigestUsers,
  type DigestAccount,
  type DigestFiles,
} from './identity/digestUsers.ts';
