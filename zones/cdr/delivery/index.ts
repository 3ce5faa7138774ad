export type { DeliveryState } from './contract.ts';
export { RecordDelivery } from './RecordDelivery.ts';
