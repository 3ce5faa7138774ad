import type { ZoneConfig } from '../config/schema.ts';

/**
 * The policy of a zone that has none of its own yet, for its administrator to read and to change: Cedar text by the schema of
 * `schema.ts`. It grants what the kind of the zone stands for; the zone's configuration (`guests`, `partners`, `networks`,
 * `dial_out`) bounds it further.
 */
export function defaultPolicy(kind: ZoneConfig['kind']): string {
  return [head, ...policies[kind]].join('');
}

const head = `// Who may come into this zone, stay, and be called. Cedar: https://docs.cedarpolicy.com
//
// What no "permit" allows is denied, and one "forbid" wins over every "permit". The file is watched: a changed one is used at
// once, for calls that are in too; a faulty one is not used, and told in the log and by \`zonebridge check\`.
//
// context.partyKind   "own" (by network or evidence), "partner" (context.party is its name) or "guest"
// context.assurance   what the caller has shown of who it is: "system" (certificate), "person" (login), "possession" (PIN, code)
// resource.name       the room
// @id                 names the policy in call records; @role, @lobby, @audio_only and @label say how the call comes in
// docs/policy.md tells the rest. Before any of this the zone's configuration is asked: guests, partners, networks.
`;

const ownComeIn = `
// The owner's own people.
@id("own-people-come-in")
permit (principal, action in [Action::"join", Action::"stay"], resource)
when { context.partyKind == "own" };
`;

const partnersComeIn = `
// Partners, as long as their agreement runs.
@id("partners-come-in")
permit (principal, action in [Action::"join", Action::"stay"], resource)
when { context.partyKind == "partner" };
`;

const guestsComeIn = `
// Everybody else. Whether guests come in at all, or by the lobby, is the choice of \`guests\` in the configuration.
@id("guests-as-configured")
permit (principal, action in [Action::"join", Action::"stay"], resource)
when { context.partyKind == "guest" };
`;

const ownDirect = `
// Those who have logged in, or called from a system with a certificate, direct the rooms whose \`hosts\` is "policy".
@id("own-people-with-proof-are-hosts")
@role("host")
permit (principal, action in [Action::"join", Action::"stay"], resource)
when { context.partyKind == "own" && context.assurance.containsAny(["person", "system"]) };
`;

const focusIsShown = (who: string): string => `
// Another conference behind a call may bring any number of people. Everybody sees that on its picture and in the roster.
@id("conference-behind-is-shown")
@label("several people behind this call")
permit (principal, action in [Action::"join", Action::"stay"], resource)
when { ${who}context.backend.kind == "focus" };
`;

const zoneCalls = `
// Calls that the zone makes. \`links\` and \`dial_out\` in the configuration say where to.
@id("calls-as-configured")
permit (principal, action == Action::"dial", resource);
`;

const neutral = [ownComeIn, partnersComeIn, guestsComeIn, ownDirect, focusIsShown(''), zoneCalls];

const policies: Readonly<Record<ZoneConfig['kind'], readonly string[]>> = {
  core: [ownComeIn, ownDirect, focusIsShown('context.partyKind == "own" && '), zoneCalls],
  meetme: neutral,
  external: neutral,
};
