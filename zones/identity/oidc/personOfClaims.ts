import type { AuthenticatedPerson } from '#signaling/call.ts';

const maxLength = 256;
const maxGroups = 500;

export type Claims = Readonly<Record<string, unknown>>;

export interface ClaimRules {
  readonly groupsClaim: string;
  readonly expiresAtMs: number;
}

/**
 * What a provider's claims say of a person (OpenID Connect Core §5.1). `idToken` has been verified; it wins over `userInfo`. An address of which the
 * provider does not say that it has verified it is left out, for anybody could have typed it.
 */
export function personOfClaims(
  idToken: Claims & { readonly iss: string; readonly sub: string },
  userInfo: Claims,
  { groupsClaim, expiresAtMs }: ClaimRules,
): AuthenticatedPerson {
  const claims: Claims = { ...userInfo, ...idToken };
  const name = textOf(claims.name) ?? textOf(claims.preferred_username);
  // Some providers write it as text.
  const isVerified = claims.email_verified === true || claims.email_verified === 'true';
  const email = isVerified ? textOf(claims.email) : undefined;
  const sessionId = textOf(idToken.sid);
  return {
    method: 'oidc',
    issuer: idToken.iss,
    subject: idToken.sub,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    groups: groupsOf(claims[groupsClaim]),
    ...(sessionId === undefined ? {} : { sessionId }),
    expiresAtMs,
  };
}

function groupsOf(claim: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return values
    .map(textOf)
    .filter((group) => group !== undefined)
    .slice(0, maxGroups);
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' && claim.length <= maxLength ? claim : undefined;
}
