import { requireMethod, requireObject, requireTime, shownTime } from "../arguments.ts";
import type { KeyId } from "../brand.ts";
import { typeNameOf } from "../bytes.ts";
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

/** Refuses a value that is not a signature scheme. @throws {@link InvalidOptionError} */
export function requireScheme<A extends SignatureAlgorithm>(scheme: SignatureScheme<A>): void {
  requireMethod("a signature scheme, such as ed25519", scheme, "loadPublicKey");
}

/** The public half of a key ring: the accepted keys and their times. The caller passes the time. */
export interface VerifierRing<A extends SignatureAlgorithm> {
  /** Returns the keys that are accepted at `nowMs`. @throws {@link InvalidOptionError} if it is not a number. */
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
  requireScheme(scheme);
  if (!Array.isArray(keys)) throw new InvalidOptionError("an array of keys", typeNameOf(keys));
  if (keys.length > KEY_RING_KEYS_MAX)
    throw new InvalidOptionError(`at most ${KEY_RING_KEYS_MAX} keys`, `${keys.length}`);
  const known = keys.map((accepting: AcceptedKey) => {
    requireObject("a key with its times", accepting);
    const { publicKey, notBeforeMs, notAfterMs } = accepting;
    if (typeof notBeforeMs !== "number" || typeof notAfterMs !== "number" || !(notBeforeMs < notAfterMs))
      throw new InvalidOptionError("notBeforeMs before notAfterMs", `${shownTime(notBeforeMs)}, ${shownTime(notAfterMs)}`);
    return { key: scheme.loadPublicKey(publicKey), notBeforeMs, notAfterMs };
  });
  if (new Set(known.map(({ key }) => key.keyId)).size < known.length)
    throw new InvalidOptionError("each key once", "one twice");
  const acceptedAt = (nowMs: number): readonly PublicKey<A>[] =>
    known.filter(({ notBeforeMs, notAfterMs }) => notBeforeMs <= nowMs && nowMs < notAfterMs).map(({ key }) => key);
  return {
    accepted(nowMs) {
      requireTime("nowMs", nowMs);
      return acceptedAt(nowMs);
    },
    verify(bytes, signature, keyId, nowMs) {
      if (typeof nowMs !== "number") return false; // as any wrong argument
      const key = acceptedAt(nowMs).find((candidate) => candidate.keyId === keyId);
      return key !== undefined && scheme.verify(bytes, signature, key);
    },
  };
}
