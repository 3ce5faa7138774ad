export type * from './contract.ts';
export { cancelOf, newBranch, viaFor } from './hopRequests.ts';
export {
  Timers,
  rfc3261Timings,
  systemScheduler,
  type Cancel,
  type Scheduler,
  type Timings,
} from './Timers.ts';
export { TransactionLayer, type TransactionLimits, type TransactionUser } from './TransactionLayer.ts';
