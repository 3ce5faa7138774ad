export { waitFor } from '#src/leakTest/waitFor.ts';
