export type * from './contract.ts';
export { descriptionOf, readSession } from './readSession.ts';
export { writeAnswer } from './writeAnswer.ts';
export { writeOffer, writeReoffer } from './writeOffer.ts';
