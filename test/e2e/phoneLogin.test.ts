import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Baresip } from '#test/support/Baresip.ts';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { Server } from '#test/support/Server.ts';
import { openRecords } from '#zones/cdr/index.ts';
import { passwordHash } from '#zones/identity/digestCredentials.ts';
import { makeDigestSecret, writeDigestUsers, type DigestFiles } from '#zones/identity/digestUsers.ts';

interface Accounts extends DigestFiles, AsyncDisposable {}

/** Where `phone` has an account. */
async function makeAccounts(password: string): Promise<Accounts> {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-accounts-'));
  const realm = 'meetme';
  const files = { usersFile: join(folder, 'users'), secretFile: join(folder, 'secret'), realm };
  await makeDigestSecret(files.secretFile);
  const ha1 = { MD5: passwordHash('MD5', { user: 'phone', realm, password }) };
  await writeDigestUsers(files, [{ user: 'phone', groups: [], ha1 }]);
  return { ...files, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

function startServer({ usersFile, secretFile }: Accounts): Promise<Server> {
  return Server.start([], (zone) => {
    if (zone.name !== 'meetme') return;
    zone.guests.model = 'deny';
    const digest = { users_file: usersFile, secret_file: secretFile, algorithms: ['MD5' as const] };
    zone.identity = { digest };
  });
}

test('where guests are denied a phone comes in by its password, and is out when its account is removed', async () => {
  await using accounts = await makeAccounts('correct-horse');
  await using server = await startServer(accounts);
  await using wrong = await Baresip.start({ toneHz: 440, password: 'wrong-horse' });
  await expect(wrong.call(server.sip('meetme', 'welcome'))).rejects.toThrow('the call was refused');
  await using phone = await Baresip.start({ toneHz: 440, password: 'correct-horse' });
  await phone.call(server.sip('meetme', 'welcome'));
  await writeDigestUsers(accounts, []);
  await phone.whenEnded();
  await server.stop();
  const records = await openRecords(join(server.dataDir, 'zones', 'meetme'), testOwnerIdentity);
  const [start] = records.filter(({ type }) => type === 'leg-start');
  expect(start).toMatchObject({ party: 'own', person_issuer: 'meetme', person_subject: 'phone' });
  expect(records.find(({ type }) => type === 'leg-end')).toMatchObject({ cause: 'logged-out' });
  const refused = records.filter(({ type }) => type === 'attempt-refused');
  expect(new Set(refused.map(({ cause }) => cause))).toEqual(new Set(['forbidden']));
  expect(server.log).not.toMatch(/correct-horse|"phone"|sip:phone/);
});
