import { LinearResource } from "@void-system/linear";
import { isBytes, typeNameOf } from "../bytes.ts";
import { InvalidOptionError, InvalidSecretKeyError, SecretDestroyedError } from "../errors.ts";
import type { KeyAlgorithm } from "./algorithm.ts";
import { randomBytes, type RandomOptions } from "./random.ts";

/** The printable form of a secret key. */
export interface ShownKey {
  /** Purpose of the key. */
  readonly algorithm: KeyAlgorithm;
  /** Shown in place of the bytes. */
  readonly secret: "[hidden]";
}

/** Length of a secret key in bytes, for every algorithm except the hybrid signature. */
export const SECRET_KEY_BYTES = 32;
/** Length of a hybrid signature's secret key in bytes: two seeds. */
export const HYBRID_SECRET_KEY_BYTES = 64;

/** Returns the length of a secret key of `algorithm` in bytes. @throws {@link InvalidOptionError} for an unknown one. */
export function secretKeyBytes(algorithm: KeyAlgorithm): number {
  if (!Object.hasOwn(LENGTHS, algorithm)) {
    const got = typeof algorithm === "string" ? JSON.stringify(algorithm) : typeNameOf(algorithm);
    throw new InvalidOptionError(`an algorithm, one of ${Object.keys(LENGTHS).join(", ")}`, got);
  }
  return LENGTHS[algorithm];
}

const LENGTHS: Readonly<Record<KeyAlgorithm, number>> = {
  ed25519: SECRET_KEY_BYTES,
  "ml-dsa-65": SECRET_KEY_BYTES,
  "ml-dsa-65+ed25519": HYBRID_SECRET_KEY_BYTES,
  "hmac-sha256": SECRET_KEY_BYTES,
  "x-wing": SECRET_KEY_BYTES,
  "shared-secret": SECRET_KEY_BYTES,
};

/**
 * A secret: the seed of a scheme's key (32 bytes; the hybrid signature has two), an HMAC key, or the result of a key
 * agreement. It has one owner, who destroys it. All others borrow it through {@link SecretKey.use}. It does not show
 * its bytes in JSON, strings, `console.log` or errors.
 *
 * Zeroing is best effort: JavaScript may have copied the bytes before, and a borrower may copy them again.
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
  /** Purpose of the key. */
  readonly algorithm: A;
  /** True once {@link SecretKey.destroy} was called. */
  readonly destroyed: boolean;
  /**
   * Lends the bytes to `borrow` until it returns or, if it returns a promise, until that settles. The bytes are not a
   * copy: do not keep, return or change them.
   *
   * @throws {@link SecretDestroyedError} once the key is destroyed.
   */
  use<R>(borrow: (bytes: Uint8Array) => R): R;
  /**
   * Overwrites the bytes with zeros and drops them. A second call does nothing.
   *
   * @throws LinearTypeError (of `@void-system/linear`) while the bytes are borrowed.
   */
  destroy(): void;
  /** Calls {@link SecretKey.destroy}, for `using`. */
  [Symbol.dispose](): void;
  /** Returns the printable form, without the secret. */
  toJSON(): ShownKey;
  /** Returns a printable form, without the secret. */
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
    if (typeof borrow !== "function") throw new InvalidOptionError("a function that borrows the bytes", typeNameOf(borrow));
    if (this.#bytes.isConsumed) throw this.#gone();
    return this.#bytes.use(borrow);
  }

  destroy(): void {
    if (!this.#bytes.isConsumed) this.#bytes.consume().fill(0);
  }

  /**
   * Returns the error of a destroyed key. Its cause is the resource's own refusal, which knows where the key was
   * consumed.
   */
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
 * Generates a new key, from the platform's cryptographic randomness or the given source.
 *
 * @throws {@link InvalidOptionError} for an unknown algorithm or option.
 * @throws {@link InvalidRandomnessError} if the given source is not random.
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
 * Makes a key from known bytes. They are copied, so the caller should zero them.
 *
 * @throws {@link InvalidSecretKeyError} if their length is not that of the algorithm.
 * @throws {@link InvalidOptionError} for an unknown algorithm.
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
