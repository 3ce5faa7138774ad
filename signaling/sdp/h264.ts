import {
  Level,
  parseProfileLevelId,
  parseSdpProfileLevelId,
  Profile,
  ProfileLevelId,
  profileLevelIdToString,
} from 'h264-profile-level-id';
import { badDescription } from './limits.ts';

type Parameters = Readonly<Record<string, string>>;

/** RFC 6184 §8.1: without a profile-level-id, Baseline at level 1. */
const inferredId = '42000a';

const profiles: readonly (Profile | undefined)[] = [Profile.ConstrainedBaseline, Profile.Baseline];

/**
 * Whether a format is of a profile that we decode and comes in single NAL units or non-interleaved (modes 0 and 1). Throws
 * `bad-description` for values that do not exist; `where` says of which section.
 */
export function isUsableH264(where: string, parameters: Parameters): boolean {
  const id = parameters['profile-level-id'] ?? inferredId;
  if (!/^[0-9a-f]{6}$/i.test(id)) {
    throw badDescription(where, 'its profile-level-id is not six hex digits (RFC 6184 §8.1)');
  }
  const mode = parameters['packetization-mode'] ?? '0';
  if (!/^[012]$/.test(mode)) {
    throw badDescription(where, 'its packetization-mode is none of 0, 1, 2 (RFC 6184 §8.1)');
  }
  return mode !== '2' && profiles.includes(parseProfileLevelId(id)?.profile);
}

export function isNonInterleaved(parameters: Parameters): boolean {
  return parameters['packetization-mode'] === '1';
}

/**
 * RFC 6184 §8.2.2: an answer has the profile and the packetization mode of the offer, and no higher level unless both allow
 * that. An offer that names no profile is answered without one.
 */
export function answerH264(ours: Parameters, offered: Parameters): Parameters {
  const own = new Map(Object.entries(ours));
  own.delete('profile-level-id');
  own.delete('packetization-mode');
  own.set('level-asymmetry-allowed', '1');
  const id = answerId(ours, offered);
  const mode = offered['packetization-mode'];
  return {
    ...(id === undefined ? {} : { 'profile-level-id': id }),
    ...(mode === undefined ? {} : { 'packetization-mode': mode }),
    ...Object.fromEntries(own),
  };
}

/** The profile stays as it was written, because some compare it so; only the last byte is the level. */
function answerId(ours: Parameters, offered: Parameters): string | undefined {
  const offeredId = offered['profile-level-id'];
  const asked = parseProfileLevelId(offeredId ?? '');
  const own = parseSdpProfileLevelId(ours)?.level;
  if (offeredId === undefined || asked === undefined || own === undefined) return undefined;
  const higherAllowed = offered['level-asymmetry-allowed'] === '1';
  if (own === asked.level || (!higherAllowed && rankOf(asked.level) < rankOf(own))) return offeredId;
  const id = profileLevelIdToString(new ProfileLevelId(asked.profile, own));
  return id === undefined ? undefined : offeredId.slice(0, 4) + id.slice(4);
}

/** Level 1b is between 1 and 1.1 (ITU-T H.264 Table A-1). */
function rankOf(level: Level): number {
  return level === Level.L1_b ? Level.L1 + 0.5 : level;
}
