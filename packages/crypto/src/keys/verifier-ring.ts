import type { KeyId } from "../brand.ts";
import { InvalidOptionError } from "../errors.ts";
import type { PublicKey } from "./public-key.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import type { SignatureScheme } from "./signature.ts";

/** Maximum of keys in a ring. */
export const KEY_RING_KEYS_MAX = 8;

/** A public key with the times at which its signatures are accepted: from `notBeforeMs` on, and before `notAfterMs`. */
export interface AcceptedKey {
  /** The bytes of the key. */
  readonly publicKey: Uint8Array;
  /** First millisecond (since 1970) at which the key is accepted. */
  readonly notBeforeMs: number;
  /**
   * First millisecond at which the key is no longer accepted; `Infinity` while no successor is known. (JSON has no
   * `Infinity` and writes null, which is refused here: send a number of your own instead.)
   */
  readonly notAfterMs: number;
}

/** The public half of a key ring: the accepted keys and their times. The caller passes the time. */
export interface VerifierRing<A extends SignatureAlgorithm> {
  /** Returns the keys that are accepted at `nowMs`. */
  accepted(nowMs: number): readonly PublicKey<A>[];
  /**
   * Returns true if `signature` is a signature of `bytes` under the key of that id, and the key is accepted at `nowMs`.
   */
  verify(bytes: Uint8Array, signature: Uint8Array, keyId: KeyId, nowMs: number): boolean;
}

/**
 * Makes a ring of public keys, for verifiers.
 *
 * @throws {@link InvalidOptionError} for more than {@link KEY_RING_KEYS_MAX} keys, a duplicate key, or times in the wrong
 * order.
 * @throws {@link InvalidPublicKeyError} for bytes that the scheme refuses.
 * @example
 * ```ts
 * import { ed25519, generateKey, verifierRing } from "@void-system/crypto";
 *
 * const signer = ed25519.signer(generateKey("ed25519"));
 * const ring = verifierRing(ed25519, [{ publicKey: signer.publicKey, notBeforeMs: 1_000, notAfterMs: 2_000 }]);
 * const bytes = Uint8Array.of(1);
 * ring.verify(bytes, signer.sign(bytes), signer.keyId, 1_500); // => true
 * ring.verify(bytes, signer.sign(bytes), signer.keyId, 2_000); // => false
 * ```
 */
export function verifierRing<A extends SignatureAlgorithm>(
  scheme: SignatureScheme<A>,
  keys: readonly AcceptedKey[]
): VerifierRing<A> {
  if (keys.length > KEY_RING_KEYS_MAX)
    throw new InvalidOptionError(`at most ${KEY_RING_KEYS_MAX} keys`, `${keys.length}`);
  const known = keys.map(({ publicKey, notBeforeMs, notAfterMs }) => {
    if (!(notBeforeMs < notAfterMs))
      throw new InvalidOptionError("notBeforeMs before notAfterMs", `${notBeforeMs}, ${notAfterMs}`);
    return { key: scheme.loadPublicKey(publicKey), notBeforeMs, notAfterMs };
  });
  if (new Set(known.map(({ key }) => key.keyId)).size < known.length)
    throw new InvalidOptionError("each key once", "one twice");
  const accepted = (nowMs: number): readonly PublicKey<A>[] =>
    known.filter(({ notBeforeMs, notAfterMs }) => notBeforeMs <= nowMs && nowMs < notAfterMs).map(({ key }) => key);
  return {
    accepted,
    verify(bytes, signature, keyId, nowMs) {
      const key = accepted(nowMs).find((candidate) => candidate.keyId === keyId);
      return key !== undefined && scheme.verify(bytes, signature, key);
    },
  };
}
