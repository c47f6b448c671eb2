import type { SecretKey } from "@void-system/crypto";
import { deriveKey } from "./chain.ts";
import { MintError } from "../errors.ts";
import { KEY_ID_LENGTH_MAX, NONCE_BYTES, isKeyId, keyIdOf, makeIdentifier } from "./identifier.ts";
import { Macaroon } from "./macaroon.ts";
import { platformRandom } from "./random.ts";
import type { RandomBytes } from "./random.ts";

/** Shortest root key, in bytes. */
export const ROOT_KEY_BYTES_MIN = 16;

/** How a factory names what it mints. */
export interface MacaroonFactoryOptions {
  /** Names the root key in every identifier. @defaultValue "root" */
  readonly keyId?: string;
  /** A hint where tokens are from. Not signed. */
  readonly location?: string;
  /** Source of nonces. @defaultValue the platform's cryptographic generator */
  readonly random?: RandomBytes;
}

/** What a factory says of a macaroon; only `authentic` ones are its own. */
export type Authenticity = "authentic" | "unknown-key" | "bad-signature";

/**
 * Mints macaroons under a root key, and tells its own from others. Whoever shares the root key can mint as well.
 *
 * @example
 * ```ts
 * import { MacaroonFactory } from "@void-system/macaroons";
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(1), { keyId: "k1" });
 * const other = new MacaroonFactory(new Uint8Array(32).fill(2), { keyId: "k1" });
 * const token = factory.mint(["operation in read"]);
 * factory.authenticate(token); // => "authentic"
 * other.authenticate(token); // => "bad-signature"
 * ```
 */
export class MacaroonFactory {
  /** Names the root key. */
  readonly keyId: string;
  readonly #derivedKey: Uint8Array;
  readonly #location: string | undefined;
  readonly #random: RandomBytes;

  /**
   * @param rootKey - at least 16 bytes that nobody can guess, or a key of `@void-system/crypto`. It is not kept; the
   * key derived from it is.
   * @throws {@link MintError} when the key is too short or the key id is none.
   */
  constructor(rootKey: Uint8Array | SecretKey<"hmac-sha256">, options: MacaroonFactoryOptions = {}) {
    this.keyId = options.keyId ?? "root";
    if (!isKeyId(this.keyId)) {
      throw new MintError(
        `expected a key id of 1 to ${KEY_ID_LENGTH_MAX} characters out of A-Z a-z 0-9 . _ : @ - ` +
          `that begins with a letter or digit, got ${JSON.stringify(this.keyId.slice(0, 80))}`,
      );
    }
    this.#derivedKey = rootKey instanceof Uint8Array ? derive(rootKey) : rootKey.use(derive);
    this.#location = options.location;
    this.#random = options.random ?? platformRandom;
  }

  /**
   * A new macaroon with an identifier that never repeats.
   *
   * @throws {@link CaveatError} when a caveat cannot be one; {@link MintError} when the random source fails.
   */
  mint(caveats: readonly string[] = []): Macaroon {
    const nonce = this.#random(NONCE_BYTES);
    if (nonce.length !== NONCE_BYTES) throw new MintError(`expected ${NONCE_BYTES} random bytes, got ${nonce.length}`);
    let macaroon = Macaroon.mintUnder(this.#derivedKey, makeIdentifier(this.keyId, nonce), this.#location);
    for (const caveat of caveats) macaroon = macaroon.addCaveat(caveat);
    return macaroon;
  }

  /** Whether this factory's key signed it, with all its caveats. What they demand is for a verifier to judge. */
  authenticate(macaroon: Macaroon): Authenticity {
    if (keyIdOf(macaroon.identifier) !== this.keyId) return "unknown-key";
    return macaroon.isSignedUnder(this.#derivedKey) ? "authentic" : "bad-signature";
  }
}

function derive(rootKey: Uint8Array): Uint8Array {
  if (rootKey.length >= ROOT_KEY_BYTES_MIN) return deriveKey(rootKey);
  throw new MintError(`expected a root key of at least ${ROOT_KEY_BYTES_MIN} bytes, got ${rootKey.length}`);
}
