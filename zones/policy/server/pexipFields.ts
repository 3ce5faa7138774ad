/** Fields of Pexip's results that a zone obeys. */
const obeyed: ReadonlySet<string> = new Set([
  'name',
  'service_tag',
  'service_type',
  'call_type',
  'remote_display_name',
  'preauthenticated_role',
  'reject_reason',
  'location',
  'overflow_locations',
]);

/** Fields that are about looks, or give more than policy.cedar does, which a server cannot: without them nobody gets more than he should. */
const harmless: ReadonlySet<string> = new Set([
  'allow_guests',
  'bypass_lock',
  'bypass_proxy',
  'call_tag',
  'can_receive_personal_mix',
  'denoise_enabled',
  'description',
  'direct_media',
  'direct_media_notification_duration',
  'disable_overlay_text',
  'display_count',
  'enable_active_speaker_indication',
  'enable_chat',
  'enable_overlay_text',
  'guest_view',
  'host_view',
  'layout_group',
  'max_callrate_in',
  'max_callrate_out',
  'max_pixels_per_second',
  'prefers_multiscreen_mix',
  'primary_owner_email_address',
  'remote_alias',
  'softmute_enabled',
  'spotlight',
  'view',
]);

/** What each says by default restricts nobody. */
const defaults: Readonly<Record<string, unknown>> = {
  crypto_mode: 'besteffort',
  rx_presentation_policy: 'ALLOW',
};

/** The first field that asks for something that a zone does not do, such as `pin`, `locked` or a theme by name. */
export function unobeyedField(result: Readonly<Record<string, unknown>>): string | undefined {
  return Object.entries(result).find(
    ([name, value]) =>
      !obeyed.has(name) && !harmless.has(name) && !isNothing(value) && defaults[name] !== value,
  )?.[0];
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}
