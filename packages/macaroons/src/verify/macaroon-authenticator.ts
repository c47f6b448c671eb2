import { constantTimeEqual } from "@void-system/crypto";
import type { Clause } from "../caveat/clause.ts";
import { OptionError } from "../errors.ts";
import { decodeBase64url } from "../format/base64url.ts";
import { MACAROON_CHARACTERS_MAX, type MacaroonParts, decodeMacaroon } from "../format/v2-binary.ts";
import { refuseNonList, refuseUnknown, shown } from "../options.ts";
import { DISCHARGES_MAX, type DischargeGraph, walkDischarges } from "../third-party/walk-discharges.ts";
import { caveatText } from "../token/caveat-text.ts";
import { deriveKey } from "../token/chain.ts";
import { type FollowedChain, type SealedCaveat, followChain } from "../token/follow-chain.ts";
import { lettersOf } from "../token/letters.ts";
import { TokenParts } from "../token/token-parts.ts";
import type { Inauthentic } from "./authority.ts";

/** A token as it comes: text or bytes in the canonical form of version 2, or a macaroon that was parsed already. */
export type TokenInput = string | Uint8Array | TokenParts;

/** Company of a token. */
export interface PresentedWith {
  /** Discharges of third parties' caveats, bound to the token, in any order. */
  readonly discharges?: readonly TokenInput[] | undefined;
}

/** Opens the key of a discharge: `openSealedKey` of this package. */
export type SealedKeyOpener = (sealedKey: Uint8Array, tag: Uint8Array) => Uint8Array | undefined;

/**
 * Returns the root key of an identifier; several while one replaces another; `undefined` for an unknown identifier.
 * Anybody can send any identifier. `keyIdOf` reads the key id of those that a {@link MacaroonFactory} made.
 */
export type KeyOf = (identifier: Uint8Array) => Uint8Array | readonly Uint8Array[] | undefined;

/** Keys of macaroons. */
export interface MacaroonKeys {
  /** Follows the chain of a factory's own macaroons. */
  readonly own?: { follow(parts: MacaroonParts): FollowedChain | "unknown-key" | "bad-signature" } | undefined;
  /** Root keys of the others. */
  readonly keyOf?: KeyOf | undefined;
  /** Opens keys of discharges. Without, third parties' caveats are refused. */
  readonly openSealedKey?: SealedKeyOpener | undefined;
}

/** Refuses what a caller wrongly presents. @throws {@link OptionError} */
export function checkCall(presented: PresentedWith, { openSealedKey }: MacaroonKeys): void {
  refuseUnknown("discharges", presented, ["discharges"]);
  const given: unknown = presented.discharges;
  if (given === undefined) return;
  refuseNonList("discharges", "discharges", given);
  if (openSealedKey === undefined) throw new OptionError("discharges", "a verifier with the option openSealedKey", "one without");
}

/** Makes something of an authentic macaroon, its discharges, and the question if its key is still accepted. */
export type MadeOf<T> = (parts: MacaroonParts, chain: FollowedChain, discharges: readonly T[], isStillAccepted: () => boolean) => T;

/** Tells macaroons under these keys from others: makes something of an authentic one, or returns the first reason against it. */
export function authenticateMacaroon<T>(token: unknown, presented: PresentedWith, keys: MacaroonKeys, made: MadeOf<T>): T | Inauthentic {
  const parts = readToken(token);
  if (parts === undefined) return "malformed";
  const followed = follow(parts, keys);
  if (typeof followed === "string") return followed;
  const { openSealedKey } = keys;
  if (openSealedKey === undefined) {
    return followed.sealed.length > 0 ? "third-party-caveat" : made(parts, followed, [], isAccepted(followed, keys));
  }
  const given = presented.discharges ?? [];
  if (given.length > DISCHARGES_MAX) return "too-many-discharges";
  const discharges = given.flatMap((discharge) => readToken(discharge) ?? []);
  if (discharges.length < given.length) return "malformed";
  const chains: FollowedChain[] = [];
  const refusal = walkDischarges(graphOf(parts, followed, discharges, openSealedKey, chains));
  if (refusal !== undefined) return refusal;
  const good = discharges.flatMap((discharge, at) => {
    const chain = chains[at];
    return chain === undefined ? [] : [made(discharge, chain, [], () => true)];
  });
  return made(parts, followed, good, isAccepted(followed, keys));
}

/** Graph of the discharges beside a macaroon. Puts the chain of each good discharge into `chains`, at its place. */
export function graphOf(root: MacaroonParts, followed: FollowedChain, discharges: readonly MacaroonParts[], open: SealedKeyOpener, chains: FollowedChain[]): DischargeGraph<SealedCaveat> {
  return {
    demands: followed.sealed,
    count: discharges.length,
    keyOfDischarge: (at) => lettersOf(discharges[at]?.identifier ?? new Uint8Array()),
    keyOfDemand: ({ id }) => lettersOf(id),
    follow: ({ sealedKey, tag }, at) => {
      const key = open(sealedKey, tag);
      if (key === undefined) return "bad-sealed-key";
      const discharge = discharges[at];
      const chain = discharge && followChain(discharge, key, root.signature);
      if (chain === undefined) return "bad-discharge";
      chains[at] = chain;
      return chain.sealed;
    },
  };
}

/** Chain, and the root key under which it was followed if that is not the factory's. */
export interface Followed extends FollowedChain {
  readonly identifier: Uint8Array;
  readonly rootKey?: Uint8Array;
}

/** Follows the chain under the factory's key, or the keys of the identifier. */
export function follow(parts: MacaroonParts, keys: MacaroonKeys): Followed | "unknown-key" | "bad-signature" {
  const { identifier } = parts;
  const own = keys.own?.follow(parts) ?? "unknown-key";
  if (own !== "unknown-key") return typeof own === "string" ? own : { ...own, identifier };
  const found = rootKeysOf(identifier, keys);
  for (const rootKey of found) {
    const followed = followChain(parts, deriveKey(rootKey));
    if (followed !== undefined) return { ...followed, identifier, rootKey: new Uint8Array(rootKey) };
  }
  return found.length === 0 ? "unknown-key" : "bad-signature";
}

function rootKeysOf(identifier: Uint8Array, { keyOf }: MacaroonKeys): readonly Uint8Array[] {
  const found: unknown = keyOf?.(identifier.slice());
  const keys: readonly unknown[] = Array.isArray(found) ? found : found === undefined ? [] : [found];
  return keys.map((key) => {
    if (!(key instanceof Uint8Array)) throw new OptionError("keyOf", "root keys as bytes, or undefined", shown(key));
    return key;
  });
}

/** Asks `keyOf` again: a key that was taken away ends its tokens at once. */
function isAccepted({ identifier, rootKey }: Followed, keys: MacaroonKeys): () => boolean {
  return () => rootKey === undefined || rootKeysOf(identifier, keys).some((key) => constantTimeEqual(key, rootKey));
}

/** First-party caveats of a macaroon, in order. */
export function clausesOf({ caveats }: MacaroonParts): readonly Clause[] {
  const clauses: Clause[] = [];
  let behind = caveats.length;
  for (const caveat of caveats) {
    behind -= 1;
    if (caveat.thirdParty === undefined) clauses.push({ text: caveatText(caveat), behind });
  }
  return clauses;
}

/** Returns the macaroon of whatever came, or `undefined` if it is none. */
export function readToken(token: unknown): MacaroonParts | undefined {
  const bytes = typeof token !== "string" ? token : token.length > MACAROON_CHARACTERS_MAX ? undefined : decodeBase64url(token);
  if (!(bytes instanceof Uint8Array)) return TokenParts.of(bytes);
  const decoded = decodeMacaroon(bytes);
  return decoded.ok ? decoded.value : undefined;
}
