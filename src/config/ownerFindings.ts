import { Encrypter } from 'age-encryption';
import { errorText } from '#kernel/index.ts';
import type { PathFault } from './fault.ts';
import { readableZones, type ReadableConfig, type ReadableZone } from './readableConfig.ts';

type Path = PathFault['path'];

/** Public keys that nothing can be sealed for: mistyped ones, and the example of the sample. */
export function recipientFaults(config: ReadableConfig): readonly PathFault[] {
  return readableZones(config).flatMap(({ records }, zone) =>
    (records?.recipients ?? []).flatMap((recipient, index) => {
      const fault = recipient === undefined ? undefined : recipientFault(recipient);
      const message = `${recipient ?? ''} is no public key of age (${fault ?? ''}); \`age-keygen\` makes a pair and prints it`;
      return fault === undefined ? [] : [{ path: ['zones', zone, 'records', 'recipients', index], message }];
    }),
  );
}

function recipientFault(recipient: string): string | undefined {
  try {
    new Encrypter().addRecipient(recipient);
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

/** What has run out by `now`, in each zone's own time: the zone goes on, but denies those whom it is about. */
export function dueWarnings(config: ReadableConfig, now: Date): readonly PathFault[] {
  return readableZones(config).flatMap((zone, index) => {
    const today = new Intl.DateTimeFormat('sv', { timeZone: zone.time_zone ?? 'UTC' }).format(now);
    return [...guestsDue(zone, ['zones', index], today), ...partnersDue(zone, ['zones', index], today)];
  });
}

function guestsDue({ guests }: ReadableZone, path: Path, today: string): readonly PathFault[] {
  const { model, review_by: reviewBy } = guests ?? {};
  if (model === undefined || model === 'deny' || reviewBy === undefined || reviewBy >= today) return [];
  const message = `the guest policy was to be looked at by ${reviewBy}: guests are denied until its owner does and sets a new day`;
  return [{ path: [...path, 'guests', 'review_by'], message }];
}

function partnersDue({ partners = [] }: ReadableZone, path: Path, today: string): readonly PathFault[] {
  return partners.flatMap((partner, index) => {
    if (partner?.expires === undefined || partner.expires >= today) return [];
    const message = `the agreement with ${partner.name ?? 'this partner'} ended on ${partner.expires}: they are denied`;
    return [{ path: [...path, 'partners', index, 'expires'], message }];
  });
}
