import { isIP } from 'node:net';
import { z } from 'zod';
import { backendKinds, deviceClasses } from '../contract.ts';

export const pinKinds = ['host', 'guest', 'totp', 'approved'] as const;

/** A question about one caller, as people put it; the command line and tables of cases share it. */
export const askedShape = {
  room: z.string().min(1),
  /** Who calls; with `dial` who is called. */
  from: z.string().regex(/^sips?:[^@\s]+@[^\s@]+$/, 'must be a SIP URI such as sips:alice@acme.example'),
  name: z.string().optional(),
  source: z
    .string()
    .refine((text) => isIP(text) !== 0, 'must be an IP address such as 192.0.2.10')
    .optional(),
  at: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-12-01T10:00:00Z' }),
  action: z.enum(['join', 'stay', 'dial']).default('join'),
  protocol: z.enum(['sip', 'web']).default('sip'),
  /** PEM file of the client certificate. */
  certificate: z.string().min(1).optional(),
  /** As if with a certificate of this partner. */
  partner: z.string().min(1).optional(),
  person: z.string().min(1).optional(),
  groups: z.array(z.string().min(1)).default([]),
  pins: z.array(z.enum(pinKinds)).default([]),
  device: z.enum(deviceClasses).default('unknown'),
  backend: z.enum(backendKinds).default('endpoint'),
  people: z.int().min(0).default(0),
};

export const askedSchema = z.strictObject(askedShape);
export type Asked = z.infer<typeof askedSchema>;
