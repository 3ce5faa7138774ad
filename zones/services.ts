import { join } from 'node:path';
import type { Log } from '#kernel/index.ts';
import type { Dialler } from '#signaling/dial.ts';
import type { ZoneTls } from '#signaling/tls/index.ts';
import { RecordDelivery } from './cdr/delivery/index.ts';
import { createCallRecords } from './cdr/index.ts';
import type { RoomConfig } from './config/schema.ts';
import type { ZoneStart } from './contract.ts';
import { DialOut } from './DialOut.ts';
import { PinGate } from './identity/PinGate.ts';
import { PinGateQueue } from './identity/PinGateQueue.ts';
import { SourcePace } from './identity/SourcePace.ts';
import { readTotpSecret } from './identity/totp.ts';
import { TotpCodes } from './identity/TotpCodes.ts';
import { UsedCodes } from './identity/UsedCodes.ts';
import { judgeSystem } from './identity/systemEvidence.ts';
import { createPolicyEngine } from './policy/index.ts';
import { createPolicyServer } from './policy/server/index.ts';
import { loadPrompts } from './prompts/Prompts.ts';
import { Turns } from './rooms/Turns.ts';
import type { ZoneServices } from './ZoneServices.ts';

/** Opens all that the rooms of a zone rest on, owned by the stack. Throws `config-invalid`, `unavailable`. */
export async function openServices(
  start: ZoneStart,
  stack: AsyncDisposableStack,
  tls: ZoneTls,
  log: Log,
  dialler: () => Dialler | undefined,
): Promise<ZoneServices> {
  const { config: zone, dataDir, prompts: builtIn, addresses } = start;
  const records = stack.use(
    await createCallRecords({
      config: zone.records,
      partners: zone.partners,
      zoneName: zone.name,
      dataDir,
      log: log.child({ part: 'records' }),
    }),
  );
  const { delivery: config } = zone.records;
  const delivery =
    config === undefined
      ? undefined
      : stack.use(
          await RecordDelivery.open({ source: records.source, config, log: log.child({ part: 'delivery' }) }),
        );
  const policy = stack.use(await openPolicy(start, log.child({ part: 'policy' })));
  const prompts = await loadPrompts({
    builtIn,
    ...(zone.prompts === undefined ? {} : { own: zone.prompts }),
  });
  return {
    zone,
    policy,
    records,
    ...(delivery === undefined ? {} : { delivery }),
    prompts,
    judgeSystem: (of, direction) => judgeSystem(of, (certificate) => tls.isRevoked(certificate), direction),
    pinsOf: await pinGates(zone.rooms, join(dataDir, 'used-codes.json')),
    turns: new Turns(),
    dialOut: new DialOut({ zone, linked: addresses.linked, policy, dialler }),
  };
}

async function openPolicy(
  { config: zone, addresses }: ZoneStart,
  log: Log,
): ReturnType<typeof createPolicyEngine> {
  const { server: config } = zone.policy;
  if (config === undefined) return createPolicyEngine({ zone, log });
  const server = await createPolicyServer(config, { zone: zone.name, nodeAddress: addresses.https });
  return createPolicyEngine({ zone, log, server });
}

/** One gate for each room, for all its conferences: a guesser stays slow, and a code that was used stays used. */
async function pinGates(
  rooms: readonly RoomConfig[],
  usedCodesPath: string,
): Promise<ZoneServices['pinsOf']> {
  const shared = { pace: new SourcePace(), queue: new PinGateQueue() };
  const used = await UsedCodes.open(usedCodesPath);
  const gates = new Map<string, PinGate>();
  for (const { name, host_pin: hostPin, guest_pin: guestPin, totp } of rooms) {
    const codes =
      totp === undefined ? undefined : new TotpCodes(await readTotpSecret(totp.secret_file), used);
    gates.set(
      name,
      new PinGate({
        ...shared,
        ...(hostPin === undefined ? {} : { hostPin }),
        ...(guestPin === undefined ? {} : { guestPin }),
        ...(codes === undefined ? {} : { totp: codes }),
      }),
    );
  }
  return ({ name }) => gates.get(name) ?? new PinGate(shared);
}
