import { z } from 'zod';

/** Who may meet, how he shows who he is, and what is kept of it: the part of a zone that its auditors read. */

const date = z.iso.date().describe('A day as 2026-12-31, in the zone’s own time zone.');
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const file = z.string().min(1);

export const namesRule = z
  .enum(['real', 'role', 'opaque'])
  .describe(
    'How people are named to those of other parties: as they name themselves, by role, or as "Guest 1".',
  );

const windowSchema = z
  .strictObject({
    days: z.array(z.enum(weekdays)).min(1),
    from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 09:00'),
    to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time such as 17:30, or 24:00'),
  })
  .describe('When they may meet, in the zone’s time zone. A window over midnight is two.');

export const guestsSchema = z
  .strictObject({
    model: z
      .enum(['deny', 'lobby', 'allow'])
      .describe('What becomes of people who are neither of the owner’s own nor of a partner.'),
    owner: z.string().min(3).describe('Who answers for this choice: a person or an office.'),
    review_by: date.describe(
      'Past this day guests are denied, with an alarm, until somebody has looked at it.',
    ),
    identity_required: z.boolean().default(false).describe('Guests must log in or hold a certificate.'),
  })
  .describe('The guest policy. It is a choice, so there is no default.');

export const partnerSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, "-"'),
    domains: z
      .array(z.string().min(1))
      .min(1)
      .describe('SIP domains that their certificates must name (RFC 5922).'),
    certificates: z
      .array(z.string().regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, 'must be a SHA-256 fingerprint, AB:CD:…'))
      .default([])
      .describe('When given, only these certificates count.'),
    contact: z.string().min(3),
    agreement: z.string().min(1).describe('Id of the agreement with them.'),
    windows: z.array(windowSchema).default([]).describe('Empty: at any time.'),
    expires: date.describe('From the next day on they are denied.'),
    retention_days: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe('What is kept of their calls is purged after so many days already. Default: as `records`.'),
    names: namesRule.optional(),
  })
  .describe('An organisation that may meet here.');

export const policySchema = z
  .strictObject({
    file: file.describe(
      'Cedar policies of this zone. Watched: a changed file is used at once, a faulty one is not.',
    ),
    recheck_seconds: z.int().min(5).max(300).default(15).describe('How often every call is decided again.'),
    warning_seconds: z
      .int()
      .min(0)
      .max(600)
      .default(30)
      .describe('Between the warning and the end of a call that is no longer allowed.'),
    server: z
      .strictObject({
        protocol: z
          .enum(['pexip', 'json'])
          .describe('Pexip’s external policy requests, or a JSON POST as OPA takes it.'),
        url: z.url({ protocol: /^https?$/ }),
        ca: file.optional().describe('PEM file of the CA of an https server.'),
        username: z.string().optional(),
        password_file: file.optional(),
        timeout_ms: z.int().min(100).max(30_000).default(5_000),
        retries: z.int().min(0).max(5).default(1),
        on_failure: z
          .enum(['deny', 'local'])
          .default('deny')
          .describe('When it gives no usable answer: deny, or let policy.cedar alone decide.'),
        on_failure_during_call: z
          .enum(['end', 'keep'])
          .default('end')
          .describe('The same for calls that are in: end them after the warning, or keep them.'),
      })
      .optional()
      .describe('Asked after policy.cedar has allowed; it can refuse, never allow what policy.cedar denies.'),
  })
  .describe('Who may come, stay and be called. Default deny.');

export const identitySchema = z
  .strictObject({
    revocation: z
      .strictObject({
        crls: z
          .array(file)
          .default([])
          .describe(
            'PEM files of certificate revocation lists; watched. When given, a certificate of a client, or of a peer that is called, does not count without a current list of its issuer.',
          ),
      })
      .prefault({}),
    oidc: z
      .strictObject({
        issuer: z.url(),
        client_id: z.string().min(1),
        client_secret_file: file.optional(),
        scopes: z.array(z.string()).default(['openid', 'profile', 'email']),
        groups_claim: z.string().default('groups'),
        ca: file.optional(),
      })
      .optional()
      .describe('Login of people in the browser (OpenID Connect, authorization code with PKCE).'),
    digest: z
      .strictObject({
        users_file: file.describe('Accounts of phones, made by `zonebridge digest-user`, sealed; watched.'),
        secret_file: file.describe('What the accounts are sealed with; readable by the zone alone.'),
        algorithms: z
          .array(z.enum(['SHA-256', 'MD5']))
          .min(1)
          .default(['SHA-256'])
          .describe(
            'Offered to phones, the strongest first (RFC 8760). MD5 only for phones that know nothing else.',
          ),
        required: z
          .boolean()
          .default(false)
          .describe(
            'Every phone without a certificate that counts must log in. Else only those are asked that would be refused.',
          ),
      })
      .optional()
      .describe('Login of phones by user and password (SIP digest).'),
  })
  .prefault({});

export const recordsSchema = z
  .strictObject({
    recipients: z
      .array(z.string().regex(/^age1[a-z0-9]+$/, 'must be an age recipient, age1…'))
      .min(1)
      .describe('Public keys of the owner. Only the keys that belong to them open the records.'),
    retention_days: z.int().min(1).max(3650).default(90),
    delivery: z
      .strictObject({
        url: z.url({ protocol: /^https$/ }).describe('Of the receiver; https only.'),
        token_file: file.describe('What the receiver knows the zone by (RFC 6750); read anew each time.'),
        ca: file.optional().describe('PEM file of the CA of the receiver. Default: those of the system.'),
        timeout_ms: z.int().min(1000).max(120_000).default(30_000).describe('For each answer.'),
        alarm_after_seconds: z
          .int()
          .min(10)
          .max(86_400)
          .default(300)
          .describe('An alarm is raised when nothing could be delivered for so long.'),
      })
      .optional()
      .describe('Sealed records are also delivered to a receiver of the owner. Default: they stay here.'),
    postgres_url_file: file
      .optional()
      .describe(
        'File with the address of a PostgreSQL database of this zone alone, where sealed records are kept. Default: a SQLite file in the data folder.',
      ),
  })
  .describe('Call records, sealed for the owner.');

export const dialOutSchema = z
  .strictObject({
    domains: z
      .union([z.literal('any'), z.array(z.string().min(1))])
      .default([])
      .describe(
        'SIP domains beside those of `links` that may be called. any: every domain; not for an external zone beside a core zone.',
      ),
    name: z.string().min(1).max(64).default('Meeting').describe('What those who are called see as our name.'),
    anonymous: z
      .boolean()
      .default(false)
      .describe('Calls are made without any name (RFC 3323). Address and certificate still are the zone’s.'),
    show_room: z
      .boolean()
      .default(false)
      .describe(
        'The user in the From of calls is the name of the room, so that those who are called can call back into it. Otherwise it is "meeting".',
      ),
    ca: file
      .optional()
      .describe('PEM file of CAs for the peers that are called; watched. Default: those of the system.'),
    standing: z
      .array(
        z.strictObject({
          room: z.string(),
          uri: z
            .string()
            .regex(/^sips?:[^@\s]+@[^\s]+$/, 'must be a SIP URI such as sips:welcome@meet.example.org'),
          redial_seconds: z.int().min(5).max(3600).default(30),
        }),
      )
      .default([])
      .describe('Called whenever somebody is in the room, and again when the call is lost.'),
  })
  .prefault({})
  .describe('Calls that the zone makes. Rooms of the zones in `links` may always be called.');

const hash = z
  .string()
  .regex(
    /^\$argon2id\$/,
    'must be made by `zonebridge hash-pin`, so that the file does not hold the PIN itself',
  );

export const roomGovernance = {
  host_pin: hash.optional(),
  guest_pin: hash.optional(),
  totp: z
    .strictObject({ secret_file: file })
    .optional()
    .describe('Guests need a time-based code (RFC 6238) of this secret instead of a PIN.'),
  lobby: z.boolean().default(false).describe('Guests wait until a host admits them.'),
  wait_for_host: z.boolean().default(false).describe('Guests wait until a host is there.'),
  waiting_minutes: z.int().min(1).max(120).default(15).describe('The longest wait in the lobby.'),
  end_after_last_host_seconds: z
    .int()
    .min(0)
    .max(3600)
    .optional()
    .describe('The conference ends so long after the last host has left. Absent: it does not.'),
  max_minutes: z.int().min(1).max(1440).optional().describe('The longest time that a conference lasts.'),
};
