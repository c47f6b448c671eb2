import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js";
import { builtinCrypto } from "../internal/builtin-crypto.ts";
import { requireKey } from "../arguments.ts";
import { isBytes, requireBytes, typeNameOf } from "../bytes.ts";
import { InvalidCiphertextError, InvalidPublicKeyError } from "../errors.ts";
import { nativeXWing, type XWingOnBytes } from "../node/internal/native-x-wing.ts";
import { randomBytes, type RandomOptions } from "../keys/random.ts";
import { importKey, SECRET_KEY_BYTES, type SecretKey } from "../keys/secret-key.ts";

/** Length of an X-Wing public key in bytes. */
export const X_WING_PUBLIC_KEY_BYTES = 1_216;
/** Length of an X-Wing ciphertext in bytes. */
export const X_WING_CIPHERTEXT_BYTES = 1_120;
/** Length of the randomness that one encapsulation needs, in bytes. */
const RANDOMNESS_BYTES = 64;

/** Result of {@link Kem.encapsulate}. */
export interface Encapsulation {
  /** Sent to the owner of the public key, who derives the same secret from it. */
  readonly ciphertext: Uint8Array;
  /** The shared secret, which its owner destroys. */
  readonly secret: SecretKey<"shared-secret">;
}

/** A key encapsulation mechanism: two parties share a secret after one message. */
export interface Kem {
  /** Name of the mechanism. */
  readonly algorithm: "x-wing";
  /**
   * Returns the public half of a key.
   *
   * @throws SecretDestroyedError if the key was destroyed.
   */
  publicKeyOf(key: SecretKey<"x-wing">): Uint8Array;
  /**
   * Generates a secret, and the ciphertext that carries it to the owner of `publicKey`. The sender is not
   * authenticated: sign the ciphertext where that matters.
   *
   * Anyone who can guess the randomness has the secret: see `Random`.
   *
   * @throws InvalidPublicKeyError for bytes that are not a public key.
   * @throws InvalidRandomnessError if the given source is not random.
   */
  encapsulate(publicKey: Uint8Array, options?: RandomOptions): Encapsulation;
  /**
   * Recovers the secret that `ciphertext` carries. A tampered ciphertext gives another secret, not an error (implicit
   * rejection), which shows only when the secret is used.
   *
   * @throws InvalidCiphertextError for bytes that encapsulating cannot have made.
   * @throws SecretDestroyedError if the key was destroyed.
   */
  decapsulate(key: SecretKey<"x-wing">, ciphertext: Uint8Array): SecretKey<"shared-secret">;
}

/**
 * X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 (FIPS 203) and X25519 (RFC 7748). The secret is safe while either
 * of them is. ML-KEM is noble's on every platform, X25519 is node:crypto's on Node. A key is a seed of 32 bytes.
 *
 * @example
 * ```ts
 * import { generateKey, type SecretKey } from "@void-system/crypto";
 * import { deriveKey, xWing } from "@void-system/crypto/post-quantum";
 *
 * using mine = generateKey("x-wing");
 * const { ciphertext, secret } = xWing.encapsulate(xWing.publicKeyOf(mine)); // by somebody else
 * const same = xWing.decapsulate(mine, ciphertext);
 *
 * const purpose = new TextEncoder().encode("session 12, from a to b");
 * const bytesOf = (key: SecretKey) => key.use((bytes) => bytes.slice());
 * const [theirs, ours] = [bytesOf(deriveKey(secret, purpose)), bytesOf(deriveKey(same, purpose))];
 * theirs; // => ours
 * ```
 */
export const xWing: Kem = /* @__PURE__ */ xWingOf(/* @__PURE__ */ fastest());

function fastest(): XWingOnBytes {
  const crypto = builtinCrypto();
  return crypto === undefined ? ml_kem768_x25519 : nativeXWing(crypto);
}

/** Builds X-Wing on one of its two paths, which give equal bytes. */
export function xWingOf(onBytes: XWingOnBytes): Kem {
  return {
    algorithm: "x-wing",
    publicKeyOf(key) {
      requireKey(key, "x-wing");
      return key.use((seed) => onBytes.getPublicKey(seed));
    },
    encapsulate(publicKey, options = {}) {
      const randomness = randomBytes(RANDOMNESS_BYTES, options);
      try {
        return encapsulateWith(onBytes, publicKey, randomness);
      } finally {
        randomness.fill(0);
      }
    },
    decapsulate(key, ciphertext) {
      requireKey(key, "x-wing");
      if (!isBytes(ciphertext)) throw new InvalidCiphertextError(typeNameOf(ciphertext));
      if (ciphertext.length !== X_WING_CIPHERTEXT_BYTES) throw new InvalidCiphertextError(`${ciphertext.length} bytes`);
      return key.use((seed) => {
        try {
          return sealed(onBytes.decapsulate(ciphertext, seed));
        } catch {
          throw new InvalidCiphertextError("a point of small order"); // ML-KEM rejects implicitly
        }
      });
    },
  };
}

/** X-Wing's EncapsulateDerand (§5.4.1 of the draft). `randomness` is 64 bytes, used only for this. */
export function encapsulateWith(onBytes: XWingOnBytes, publicKey: Uint8Array, randomness: Uint8Array): Encapsulation {
  const expected = `${X_WING_PUBLIC_KEY_BYTES} canonical bytes of an X-Wing public key`;
  if (!isBytes(publicKey)) throw new InvalidPublicKeyError(expected, typeNameOf(publicKey));
  if (publicKey.length !== X_WING_PUBLIC_KEY_BYTES)
    throw new InvalidPublicKeyError(expected, `${publicKey.length} bytes`);
  try {
    const { cipherText, sharedSecret } = onBytes.encapsulate(publicKey, randomness);
    return { ciphertext: cipherText, secret: sealed(sharedSecret) };
  } catch {
    // Without the cause, because noble's error may carry secret input.
    throw new InvalidPublicKeyError(expected, "bytes that are out of range, or a point of small order");
  }
}

/** Moves a secret into a resource, and zeroes the bytes. */
function sealed(bytes: Uint8Array): SecretKey<"shared-secret"> {
  try {
    return importKey("shared-secret", bytes);
  } finally {
    bytes.fill(0);
  }
}

/**
 * Derives a key for a `Mac` from a shared secret: HKDF-SHA256 (RFC 5869) without salt. Name in `info` the purpose, and
 * who talks to whom. Keys with different names are independent.
 *
 * @throws InvalidOptionError for a key of another purpose, or an `info` that is not a Uint8Array.
 * @throws SecretDestroyedError if the secret was destroyed.
 * @example
 * ```ts
 * import { importKey } from "@void-system/crypto";
 * import { deriveKey } from "@void-system/crypto/post-quantum";
 *
 * const secret = importKey("shared-secret", new Uint8Array(32).fill(1)); // a test's; real ones come from encapsulate
 * deriveKey(secret, new TextEncoder().encode("from a to b")).algorithm; // => "hmac-sha256"
 * ```
 */
export function deriveKey(secret: SecretKey<"shared-secret">, info: Uint8Array): SecretKey<"hmac-sha256"> {
  requireKey(secret, "shared-secret");
  requireBytes("info", info);
  const bytes = secret.use((shared) => hkdf(sha256, shared, undefined, info, SECRET_KEY_BYTES));
  try {
    return importKey("hmac-sha256", bytes);
  } finally {
    bytes.fill(0);
  }
}
