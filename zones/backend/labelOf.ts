import type { Backend } from '../policy/contract.ts';

/**
 * What the tile, the roster and the lobby say of a leg: its partner, and that more than one person may be behind it.
 * Undefined for one of the owner's own, or a guest, with a phone or browser. `showParty` is false where the zone's `names` is
 * `opaque` and the label is for everybody; hosts see the party in the lobby.
 */
export function labelOf(backend: Backend, party: string, showParty: boolean): string | undefined {
  const partner = !showParty || party === 'own' || party === 'guest' ? [] : [`partner: ${party}`];
  const labels = [...partner, ...behind(backend)];
  return labels.length === 0 ? undefined : labels.join(', ');
}

function behind({ kind, confidence }: Backend): readonly string[] {
  if (kind === 'focus') {
    return [
      confidence === 'low' ? 'perhaps several people behind this call' : 'several people behind this call',
    ];
  }
  return kind === 'gateway' ? ['by a gateway'] : [];
}
