export {
  SipEngine,
  defaultEngineLimits,
  type EngineCounters,
  type EngineLimits,
  type SipEngineOptions,
} from './Engine.ts';
export type { ControlAddress } from './control/index.ts';
export type {
  AcceptOptions,
  Flow,
  SipTransport,
  SocketAddress,
  TransportLayer,
  TransportOptions,
} from './transport/index.ts';
