/**
 * What policies may speak of, in Cedar's own schema language: `policy.cedar` of each zone is checked against it when it is
 * loaded, and `docs/policy.md` explains it.
 */
export const policySchemaText = `
entity Caller;
entity Room = { name: String, zone: String };

type Moment = {
  date: String,
  hour: Long,
  minute: Long,
  minuteOfDay: Long,
  weekday: String,
  holiday: Bool,
};

type CallContext = {
  party: String,
  partyKind: String,
  direction: String,
  protocol: String,
  name: String,
  domain?: String,
  device: { class: String, product: String },
  transport: { kind: String, tlsVersion?: String, tlsGroup?: String, tlsCipher?: String, srtp?: String },
  assurance: Set<String>,
  possession: Set<String>,
  system?: { domains: Set<String>, fingerprint: String, issuer: String },
  person?: {
    method: String,
    issuer: String,
    subject: String,
    name?: String,
    email?: String,
    groups: Set<String>,
  },
  source: ipaddr,
  backend: { kind: String, confidence: String },
  occupancy: { total: Long, hosts: Long, parties: Set<{ party: String, people: Long }> },
  utc: Moment,
  local: Moment,
};

action "join", "stay", "dial" appliesTo { principal: Caller, resource: Room, context: CallContext };
`;

/** Annotations that policies may have, and what they may say; another one is a fault, since it would do nothing. */
export const policyAnnotations: Readonly<Record<string, readonly string[] | undefined>> = {
  id: undefined,
  role: ['host', 'guest'],
  lobby: ['true'],
  audio_only: ['true'],
  label: undefined,
  reason: undefined,
};
