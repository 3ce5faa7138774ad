export {
  Listener,
  type ListenPort,
  type ListenerCounters,
  type ListenerLimits,
  type ZoneRoute,
} from './Listener.ts';
