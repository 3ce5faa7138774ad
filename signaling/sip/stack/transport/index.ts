export * from './contract.ts';
export { Transports } from './Transports.ts';
export { defaultLimits, type TransportLimits, type TransportOptions } from './options.ts';
export { systemDns, type SipDns } from './dns.ts';
export { maxUdpRequestBytes } from './resolve.ts';
export { hostPort } from './address.ts';
