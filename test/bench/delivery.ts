// Receiver down for some minutes of calls, then slow, then up but losing answers: npm run soak:delivery [-- MINUTES]
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '#kernel/index.ts';
import { call, leg, RecordsFixture } from '#test/integration/zones/cdr/RecordsFixture.ts';
import { BadReceiver, properly } from '#test/support/BadReceiver.ts';
import { Receiver } from '#test/support/Receiver.ts';
import { RecordDelivery } from '#zones/cdr/delivery/index.ts';
import { openRecords, verifyRecords } from '#zones/cdr/index.ts';
import { testOwnerIdentity } from '#test/support/governance.ts';

const minutes = Number(process.argv[2] ?? 10);
const callsPerSecond = 5;
const slowAnswers = 40;
const slowMs = 500;
const lostAnswers = 40;

await using receiver = await Receiver.create();
await using bad = await BadReceiver.before(receiver);
await using fixture = await RecordsFixture.open();
const config = { ...receiver.config(bad.port), alarm_after_seconds: 30 };
await using delivery = await RecordDelivery.open({
  source: fixture.records.source,
  config,
  log: createLog('error'),
});

const endMs = performance.now() + minutes * 60_000;
let calls = 0;
let wasAlarm = false;
while (performance.now() < endMs) {
  await call(fixture.records, leg(`Guest ${calls}`));
  calls += 1;
  wasAlarm ||= delivery.state.isAlarm;
  await sleep(1000 / callsPerSecond);
}
console.log(
  `down for ${minutes} minutes: ${calls} calls, ${delivery.state.waiting} records wait, alarm ${wasAlarm}`,
);

bad.willDo(
  ...Array.from({ length: slowAnswers }, () => async (...given: Parameters<typeof properly>) => {
    await sleep(slowMs);
    await properly(...given);
  }),
  // Taken, and the answer lost: the same comes once more.
  ...Array.from({ length: lostAnswers }, () => [
    async (...[response, pass]: Parameters<typeof properly>) => {
      await pass();
      response.destroy();
    },
    properly,
  ]).flat(),
);
await receiver.start();
const startedMs = performance.now();
const waited = delivery.state.waiting;
// Calls go on meanwhile.
while (delivery.state.waiting > 0 || bad.requests < slowAnswers + 2 * lostAnswers) {
  await call(fixture.records, leg(`Guest ${calls}`));
  calls += 1;
  await sleep(1000 / callsPerSecond);
}
const tookS = (performance.now() - startedMs) / 1000;
while (delivery.state.waiting > 0) await sleep(50);

const exported = await receiver.streamFolder();
const there = await openRecords({ exported }, testOwnerIdentity);
const here = await openRecords(fixture.place, testOwnerIdentity);
const { faults } = await verifyRecords({ exported });
console.log(
  `${waited} records caught up and ${2 * calls - waited} more in ${tookS.toFixed(0)} s, ${bad.requests} requests`,
);
console.log('receiver', await receiver.state(), 'sender', delivery.state);
const isSame = JSON.stringify(there) === JSON.stringify(here) && there.length === 2 * calls;
console.log(
  `${there.length} records of ${2 * calls} opened, ${isSame ? 'the same and in order' : 'NOT THE SAME'}, ${faults.length} chain faults`,
);
if (!isSame || faults.length > 0) process.exitCode = 1;
