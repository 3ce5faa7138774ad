import type { Call } from '#signaling/call.ts';
import type { Dialler } from '#signaling/dial.ts';
import type { RoomConfig, ZoneConfig } from './config/schema.ts';
import type { LinkedZone } from './contract.ts';
import type { PolicyDecision, PolicyEngine, PolicyRequest } from './policy/contract.ts';
import { isOneOf, mayDial } from './policy/dialReach.ts';

interface DialOutOptions {
  readonly zone: ZoneConfig;
  readonly linked: readonly LinkedZone[];
  readonly policy: Pick<PolicyEngine, 'decide'>;
  /** Set once the zone's SIP is up. */
  readonly dialler: () => Dialler | undefined;
}

/** Made: the call goes out when it is joined to its endpoint. Or a sentence that says why not. */
export type Dialled = DialledCall | { readonly refused: string };

/** A call of the zone's own, with the decision that it was made by and what that rested on. */
export interface DialledCall {
  readonly call: Call;
  readonly decision: PolicyDecision;
  readonly request: PolicyRequest;
}

const ringingMs = 60_000;
/** Says nothing of what is behind the zone. */
const neutralUser = 'meeting';

/** Calls that a zone makes: to rooms of linked zones, and to domains that its configuration names; each is for policy to allow. */
export class DialOut {
  readonly #options: DialOutOptions;

  constructor(options: DialOutOptions) {
    this.#options = options;
  }

  /** Never rejects for what was asked; the URI is a user's. */
  async call(uri: string, room: RoomConfig, occupancy: PolicyRequest['occupancy']): Promise<Dialled> {
    const target = targetOf(uri);
    if (target === undefined) {
      return { refused: `${uri} is no SIP address; it should look like sips:name@example.org` };
    }
    if (!this.#mayReach(target.domain)) {
      return {
        refused: `This zone does not call ${target.domain}. An administrator can link its zone, or add it to dial_out.domains`,
      };
    }
    const dialler = this.#options.dialler();
    if (dialler === undefined) return { refused: 'The zone cannot call anybody yet. Try again in a moment' };
    const request = this.#request(target, room, occupancy);
    const decision = await this.#options.policy.decide(request);
    if (decision.effect === 'deny') return { refused: 'The policy of this zone does not allow that call' };
    const { name, anonymous, show_room: showsRoom } = this.#options.zone.dial_out;
    const call = dialler.call({
      uri: target.uri,
      room: room.name,
      fromUser: showsRoom ? room.name : neutralUser,
      displayName: name,
      anonymous,
      ringingMs,
    });
    return { call, decision, request };
  }

  #mayReach(domain: string): boolean {
    const { zone, linked } = this.#options;
    return mayDial({ zone, linkedDomains: linked.flatMap(({ domains }) => domains) }, domain);
  }

  #request(target: Target, room: RoomConfig, occupancy: PolicyRequest['occupancy']): PolicyRequest {
    const { uri, domain } = target;
    const partner = this.#options.zone.partners.find(({ domains }) => isOneOf(domain, domains));
    return {
      action: 'dial',
      room: room.name,
      direction: 'out',
      protocol: 'sip',
      caller: { name: '', uri, domain },
      evidence: { possession: [] },
      device: { class: 'unknown', product: 'unknown' },
      transport: { kind: 'tls' },
      source: { address: '0.0.0.0' },
      party: partner?.name ?? 'guest',
      backend: { kind: 'unknown', evidence: [], confidence: 'low' },
      occupancy,
      atMs: Date.now(),
    };
  }
}

interface Target {
  readonly uri: string;
  readonly domain: string;
}

/** Of a SIP or SIPS URI, or what people write for one. */
function targetOf(text: string): Target | undefined {
  const match = /^(?:sips?:)?([^@\s<>"]{1,64})@([a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.exec(
    text.trim(),
  );
  if (match === null) return undefined;
  const [, user = '', host = '', port = ''] = match;
  const domain = host.toLowerCase();
  return { uri: `sips:${user}@${domain}${port}`, domain };
}
