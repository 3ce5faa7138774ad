import type { PathFault } from './fault.ts';
import type { ReadableConfig, ReadableZone } from './readableConfig.ts';
import { standingChecks } from './standingChecks.ts';

type Path = PathFault['path'];

/** What parts of a zone say of each other: who may come, who could admit them, and by what they could show who they are. */
export function zoneChecks(config: ReadableConfig, zone: ReadableZone, path: Path): readonly PathFault[] {
  return [
    ...networksOf(zone, path),
    ...partnersOf(zone, path),
    ...proofsOf(zone, path),
    ...roomsOf(zone, path),
    ...standingChecks(config, zone, path),
  ];
}

function networksOf({ kind, networks }: ReadableZone, path: Path): readonly PathFault[] {
  if (kind !== 'core') return [];
  if (networks !== undefined && networks.length > 0) {
    return networks.flatMap((network, index) => {
      if (network === undefined || !/\/0+$/.test(network)) return [];
      const message = `${network} is everywhere, and a core zone takes calls from where its owner’s people are only; write those networks, such as 10.0.0.0/8, or make the zone a meetme zone`;
      return [{ path: [...path, 'networks', index], message }];
    });
  }
  const message =
    'networks is missing: a core zone must say where its owner’s people are, such as [10.0.0.0/8], because it takes no call from elsewhere';
  return [{ path: [...path, 'networks'], message }];
}

function partnersOf({ partners = [], tls, records }: ReadableZone, path: Path): readonly PathFault[] {
  const at = (index: number, ...rest: Path): Path => [...path, 'partners', index, ...rest];
  const reserved = partners.flatMap((partner, index) =>
    partner?.name === 'own' || partner?.name === 'guest'
      ? [
          {
            path: at(index, 'name'),
            message: `${partner.name} is what policies call a party of its own kind`,
          },
        ]
      : [],
  );
  const windows = partners.flatMap((partner, index) =>
    (partner?.windows ?? []).flatMap((window, number) => {
      const { from, to } = window ?? {};
      if (from === undefined || to === undefined || from < to) return [];
      const message = `a window from ${from} to ${to} never opens; write one over midnight as two`;
      return [{ path: at(index, 'windows', number, 'to'), message }];
    }),
  );
  const kept = records?.retention_days ?? Infinity;
  const longer = partners.flatMap((partner, index) => {
    const days = partner?.retention_days;
    if (days === undefined || days <= kept) return [];
    const message = `records.retention_days purges all after ${kept} days, so a partner cannot have ${days}`;
    return [{ path: at(index, 'retention_days'), message }];
  });
  const unknowable = partners.length > 0 && tls?.certificate !== undefined && tls.client_ca === undefined;
  const message =
    'partners are known by their certificates, so tls.client_ca must name the CAs that those are from';
  return [
    ...reserved,
    ...windows,
    ...longer,
    ...(unknowable ? [{ path: [...path, 'partners'], message }] : []),
  ];
}

function proofsOf({ guests, identity, tls }: ReadableZone, path: Path): readonly PathFault[] {
  const faults: PathFault[] = [];
  const ways = [tls?.client_ca, identity?.oidc];
  if (guests?.identity_required === true && ways.every((way) => way === undefined)) {
    const message = 'no guest could show who he is: identity_required needs identity.oidc or tls.client_ca';
    faults.push({ path: [...path, 'guests', 'identity_required'], message });
  }
  return faults;
}

function roomsOf({ guests, rooms = [] }: ReadableZone, path: Path): readonly PathFault[] {
  return rooms.flatMap((room, index) => {
    const at = [...path, 'rooms', index];
    const faults: PathFault[] = [];
    if (room?.totp !== undefined && room.guest_pin !== undefined) {
      const message = 'a guest types either a PIN or a code: take guest_pin or totp away';
      faults.push({ path: [...at, 'totp'], message });
    }
    if (room?.hosts !== 'nobody') return faults;
    const wants = [
      room.lobby === true ? 'lobby' : undefined,
      room.wait_for_host === true ? 'wait_for_host' : undefined,
      room.end_after_last_host_seconds === undefined ? undefined : 'end_after_last_host_seconds',
      room.host_pin === undefined ? undefined : 'host_pin',
      guests?.model === 'lobby' ? 'guests.model lobby' : undefined,
    ].find((want) => want !== undefined);
    if (wants === undefined) return faults;
    const message = `hosts is nobody, so ${wants} could never be fulfilled; let there be hosts: policy or everyone`;
    return [...faults, { path: [...at, 'hosts'], message }];
  });
}
