import type { Explanation, Replay } from '#zones/index.ts';

/** For people; the first line is the answer. */
export function explanationText({ decision, revision, places, needed, next, request }: Explanation): string {
  const { effect, policies, decidedBy, reason, obligations } = decision;
  const by = policies.map((policy, index) => {
    const place = places[index];
    return place === undefined ? policy : `${policy} (${place})`;
  });
  const how = [
    `as ${obligations.role}`,
    ...(obligations.lobby ? ['by the lobby'] : []),
    ...(obligations.audioOnly ? ['audio only'] : []),
    ...(obligations.label === undefined ? [] : [`labelled “${obligations.label}”`]),
  ].join(', ');
  return lines([
    effect === 'allow' ? `ALLOW ${how}` : 'DENY',
    `  party     ${request.party}`,
    `  by        ${by.join(', ') || 'no policy: what none allows is denied'} (${decidedBy})`,
    `  why       ${reason}`,
    `  revision  ${revision}`,
    ...next.map((text) => `  then      ${text}`),
    ...(effect === 'deny' && needed.length === 0 ? ['  needed    nothing that was tried helps'] : []),
    ...needed.map(
      ({ what, policies: allowing, lobby }) =>
        `  needed    ${what}${lobby ? ', and then the lobby' : ''} (${allowing.join(', ')})`,
    ),
  ]);
}

export function replayText({ same, then, now, revision, otherRevision, server }: Replay): string {
  const text = ({ effect, policies }: { effect: string; policies: readonly string[] }): string =>
    `${effect} by ${policies.join(', ') || 'no policy'}`;
  return lines([
    same ? 'SAME' : 'OTHER',
    `  then      ${text(then)} (${then.decidedBy}, revision ${then.revision})`,
    `  now       ${text(now)} (${now.decidedBy}, revision ${revision})`,
    ...(otherRevision ? ['  note      the policies have changed since'] : []),
    ...(server ? ['  note      the policy server had its word; its answer is taken as it was kept'] : []),
  ]);
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}
