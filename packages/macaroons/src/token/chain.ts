/**
 * The signature of a macaroon (Birgisson et al., "Macaroons", NDSS 2014, §V): a chain of HMAC-SHA256 tags, each the
 * key of the next. Whoever holds the last tag can go on, nobody can go back.
 */
import { hmacSha256 } from "@void-system/crypto";

/** Length of a signature, and of every key in the chain, in bytes. */
export const SIGNATURE_BYTES = 32;

const KEY_GENERATOR = /* @__PURE__ */ new TextEncoder().encode("macaroons-key-generator");

/** The key at the root of the chain: of fixed length, whatever the root key's. */
export function deriveKey(rootKey: Uint8Array): Uint8Array {
  return hmacSha256(KEY_GENERATOR, rootKey);
}

/** The signature of a macaroon without caveats. */
export function firstSignature(derivedKey: Uint8Array, identifier: Uint8Array): Uint8Array {
  return hmacSha256(derivedKey, identifier);
}

/** The signature after one more caveat; `sealedKey` is there in a third party's. */
export function nextSignature(signature: Uint8Array, id: Uint8Array, sealedKey?: Uint8Array): Uint8Array {
  if (sealedKey === undefined) return hmacSha256(signature, id);
  const both = new Uint8Array(2 * SIGNATURE_BYTES);
  both.set(hmacSha256(signature, sealedKey));
  both.set(hmacSha256(signature, id), SIGNATURE_BYTES);
  return hmacSha256(signature, both);
}

const ZERO_KEY = /* @__PURE__ */ new Uint8Array(SIGNATURE_BYTES);

/** The signature of a discharge that goes out beside a root macaroon, and beside no other. */
export function boundSignature(rootSignature: Uint8Array, signature: Uint8Array): Uint8Array {
  return nextSignature(ZERO_KEY, signature, rootSignature);
}
