export { configSchema, type Config, type ConfigInput } from './schema.ts';
export { faultText, configInvalid, type Fault } from './fault.ts';
export { PortBlock } from './PortBlock.ts';
export { chooseCoreSipPort, embeddedDefault, testCertificateFolder } from './embeddedDefault.ts';
