import { randomBytes } from 'node:crypto';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import { z } from 'zod';

/** How long a person may take at the provider. */
export const ticketLifetimeMs = 600_000;

const ticketSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnPath: z.string(),
});
/** What must come back with the person from the provider. */
export type LoginTicket = z.infer<typeof ticketSchema>;

/**
 * Logins that are under way. The browser keeps its own, sealed under a key of this process, so that a flood of begun logins costs no
 * memory and only the browser that began one can end it.
 */
export class LoginTickets {
  readonly #key = randomBytes(32);

  seal(ticket: LoginTicket): Promise<string> {
    const expires = new Date(Date.now() + ticketLifetimeMs);
    return new EncryptJWT({ ...ticket })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(expires)
      .encrypt(this.#key);
  }

  /** Undefined for what is expired, forged, or sealed before a restart. */
  async open(text: string): Promise<LoginTicket | undefined> {
    try {
      const { payload } = await jwtDecrypt(text, this.#key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return ticketSchema.parse(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}
