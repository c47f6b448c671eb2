import { constantTimeEqual } from "@void-system/crypto";
import type { MacaroonParts } from "../format/v2-binary.ts";
import { boundSignature, firstSignature, nextSignature } from "./chain.ts";

/** A third party's caveat of a macaroon whose chain was followed: enough to open the discharge's key. */
export interface SealedCaveat {
  /** Place among the caveats. */
  readonly at: number;
  /** Identifier of the discharge that is needed. */
  readonly id: Uint8Array;
  /** Key of the discharge, sealed under {@link SealedCaveat.tag}. */
  readonly sealedKey: Uint8Array;
  /** Signature of the macaroon before this caveat. */
  readonly tag: Uint8Array;
}

/** An authentic macaroon's chain. */
export interface FollowedChain {
  /** Signature without caveats, and after each caveat. Each is a token: keep them as you would a password. */
  readonly tags: readonly Uint8Array[];
  /** Third parties' caveats, in order. */
  readonly sealed: readonly SealedCaveat[];
}

/**
 * Follows the chain of a macaroon (Verify in Birgisson et al. 2014, §V); `undefined` unless it ends at the signature under
 * this derived key. With `rootSignature`, the macaroon is a discharge that is bound to that root.
 */
export function followChain({ identifier, caveats, signature }: MacaroonParts, derivedKey: Uint8Array, rootSignature?: Uint8Array): FollowedChain | undefined {
  let tag = firstSignature(derivedKey, identifier);
  const tags = [tag];
  const sealed: SealedCaveat[] = [];
  for (const { id, thirdParty } of caveats) {
    if (thirdParty !== undefined) sealed.push({ at: tags.length - 1, id, sealedKey: thirdParty.sealedKey, tag });
    tag = nextSignature(tag, id, thirdParty?.sealedKey);
    tags.push(tag);
  }
  const last = rootSignature === undefined ? tag : boundSignature(rootSignature, tag);
  return constantTimeEqual(last, signature) ? { tags, sealed } : undefined;
}
