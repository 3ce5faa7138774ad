import { expect, test } from 'vitest';
import { personOfClaims } from '#zones/identity/oidc/personOfClaims.ts';

const idToken = { iss: 'https://login.example', sub: 'ann' };
const rules = { groupsClaim: 'groups', expiresAtMs: 1 };
const email = 'ann@example.org';

test.each([
  [true, email],
  ['true', email],
  [false, undefined],
  ['false', undefined],
  [1, undefined],
  [undefined, undefined],
])('with email_verified %j the address that a person has is %j', (verified, expected) => {
  const claims = { email, ...(verified === undefined ? {} : { email_verified: verified }) };
  expect(personOfClaims(idToken, claims, rules).email).toBe(expected);
  expect(personOfClaims({ ...idToken, ...claims }, {}, rules).email).toBe(expected);
});
