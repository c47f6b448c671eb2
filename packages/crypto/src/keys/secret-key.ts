import { LinearResource } from "@void-system/linear";
import { isBytes, typeNameOf } from "../bytes.ts";
import { InvalidSecretKeyError, SecretDestroyedError } from "../errors.ts";
import type { KeyAlgorithm } from "./algorithm.ts";
import { randomBytes, type RandomOptions } from "./random.ts";

/** What may be seen of a secret key. */
export interface ShownKey {
  /** What the key is for. */
  readonly algorithm: KeyAlgorithm;
  /** In place of its bytes. */
  readonly secret: "[hidden]";
}

/** Length of a secret key in bytes, of every algorithm but the hybrid signature. */
export const SECRET_KEY_BYTES = 32;
/** Length of the secret key of a hybrid signature in bytes: two seeds. */
export const HYBRID_SECRET_KEY_BYTES = 64;

/** Length of a secret key of `algorithm` in bytes. */
export function secretKeyBytes(algorithm: KeyAlgorithm): number {
  return algorithm === "ml-dsa-65+ed25519" ? HYBRID_SECRET_KEY_BYTES : SECRET_KEY_BYTES;
}

/**
 * A secret: a seed that its scheme makes the rest of (32 bytes; for the hybrid signature two of them), an HMAC key, or
 * what two parties agreed on. It has one owner, who destroys it; all others borrow it through {@link SecretKey.use}. It
 * does not show its bytes in JSON, strings, `console.log` or errors.
 *
 * Zeroing is best effort: JavaScript may have copied the bytes before they came here, and may do so in a borrower.
 *
 * @example
 * ```ts
 * import { generateKey } from "@void-system/crypto";
 *
 * const key = generateKey("hmac-sha256");
 * JSON.stringify(key); // => '{"algorithm":"hmac-sha256","secret":"[hidden]"}'
 * key.use((bytes) => bytes.length); // => 32
 * key.destroy();
 * key.destroyed; // => true
 * ```
 */
export interface SecretKey<A extends KeyAlgorithm = KeyAlgorithm> {
  /** What the key is for. */
  readonly algorithm: A;
  /** Whether {@link SecretKey.destroy} was called. */
  readonly destroyed: boolean;
  /**
   * Lends the bytes to `borrow` until it returns or, if it returns a promise, until that settles. They are not a copy:
   * do not keep, return or change them.
   *
   * @throws {@link SecretDestroyedError} once the key was destroyed.
   */
  use<R>(borrow: (bytes: Uint8Array) => R): R;
  /**
   * Overwrites the bytes with zeros and forgets them; a second call does nothing.
   *
   * @throws LinearTypeError (of `@void-system/linear`) while somebody borrows them.
   */
  destroy(): void;
  /** The same as {@link SecretKey.destroy}, for `using`. */
  [Symbol.dispose](): void;
  /** What JSON shows: never the secret. */
  toJSON(): ShownKey;
  /** What a string shows: never the secret. */
  toString(): string;
}

class HeldKey<A extends KeyAlgorithm> implements SecretKey<A> {
  readonly algorithm: A;
  readonly #bytes: LinearResource<Uint8Array>;

  constructor(algorithm: A, bytes: Uint8Array) {
    this.algorithm = algorithm;
    this.#bytes = new LinearResource(bytes, { name: `${algorithm} key` });
  }

  get destroyed(): boolean {
    return this.#bytes.isConsumed;
  }

  use<R>(borrow: (bytes: Uint8Array) => R): R {
    if (this.#bytes.isConsumed) throw this.#gone();
    return this.#bytes.use(borrow);
  }

  destroy(): void {
    if (!this.#bytes.isConsumed) this.#bytes.consume().fill(0);
  }

  /** The resource knows where it was consumed: its refusal is the cause. */
  #gone(): SecretDestroyedError {
    try {
      this.#bytes.consume();
    } catch (cause) {
      return new SecretDestroyedError(this.algorithm, { cause });
    }
    return new SecretDestroyedError(this.algorithm);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  toJSON(): ShownKey {
    return { algorithm: this.algorithm, secret: "[hidden]" };
  }

  toString(): string {
    return `SecretKey(${this.algorithm}, [hidden])`;
  }
}

/**
 * A new key, from the platform's cryptographic randomness unless another source is handed in.
 *
 * @throws {@link InvalidRandomnessError} if the source that was handed in gives no randomness.
 * @example
 * ```ts
 * import { generateKey } from "@void-system/crypto";
 *
 * generateKey("ed25519").algorithm; // => "ed25519"
 * ```
 */
export function generateKey<const A extends KeyAlgorithm>(algorithm: A, options: RandomOptions = {}): SecretKey<A> {
  return new HeldKey(algorithm, randomBytes(secretKeyBytes(algorithm), options));
}

/**
 * A key of known bytes, which are copied: whoever has `bytes` zeroes them.
 *
 * @throws {@link InvalidSecretKeyError} unless there are as many as the algorithm has.
 * @example
 * ```ts
 * import { ed25519, importKey } from "@void-system/crypto";
 *
 * const seed = new Uint8Array(32).fill(7); // a test's key; real ones come from generateKey
 * ed25519.signer(importKey("ed25519", seed)).publicKey.length; // => 32
 * ```
 */
export function importKey<const A extends KeyAlgorithm>(algorithm: A, bytes: Uint8Array): SecretKey<A> {
  const length = secretKeyBytes(algorithm);
  if (!isBytes(bytes) || bytes.length !== length) {
    const got = isBytes(bytes) ? bytes.length : typeNameOf(bytes);
    throw new InvalidSecretKeyError(
      `expected ${length} bytes of ${algorithm} key, got ${got}; derive or read the key in full`
    );
  }
  return new HeldKey(algorithm, new Uint8Array(bytes));
}
