export { configSchema, type Config, type ConfigInput } from './schema.ts';
export { faultText, configInvalid, type Fault } from './fault.ts';
export { checkFile, type CheckedFile } from './checkFile.ts';
export { loadConfig, parseConfig, type Loaded, type PortOverrides } from './load.ts';
export { readYaml } from './yamlFile.ts';
export { namedFiles, type NamedFile } from './namedFiles.ts';
export { addZone, newPolicyFile, type NewZone } from './addZone.ts';
export { PortBlock, type MediaPorts } from './PortBlock.ts';
export {
  chooseCoreSipPort,
  embeddedDefault,
  embeddedPolicyFile,
  testCertificateFolder,
  type EmbeddedOwner,
} from './embeddedDefault.ts';
export { writeDefaultPolicy } from './writeDefaultPolicy.ts';
export { graphMermaid, graphText } from './graphText.ts';
export type { ZoneGraph } from './zoneGraph.ts';
