import type { SecretKey } from "@void-system/crypto";
import { deriveKey } from "./chain.ts";
import { MintError, OptionError } from "../errors.ts";
import type { MacaroonParts } from "../format/v2-binary.ts";
import { type FollowedChain, followChain } from "./follow-chain.ts";
import { KEY_ID_LENGTH_MAX, NONCE_BYTES, isKeyId, keyIdOf, makeIdentifier } from "./identifier.ts";
import { Macaroon } from "./macaroon.ts";
import { type MintingNotes, checkNotes } from "./minting-notes.ts";
import { onceLast } from "../once/once-last.ts";
import { refuseNonList, refuseUnknown, shown } from "../options.ts";
import { type RandomBytes, drawFresh, platformRandom } from "./random.ts";
import { withRootKey } from "./root-key.ts";
import { TokenParts } from "./token-parts.ts";

/** Options of {@link MacaroonFactory}. */
export interface MacaroonFactoryOptions {
  /** Names the root key in every identifier. @defaultValue "root" */
  readonly keyId?: string;
  /** A hint where tokens are from. Not signed. */
  readonly location?: string;
  /** Source of nonces. @defaultValue the platform's cryptographic generator */
  readonly random?: RandomBytes;
}

/** Origin of a macaroon. Only `authentic` ones are the factory's own. */
export type Authenticity = "authentic" | "unknown-key" | "bad-signature";

/**
 * Mints macaroons under a root key, and recognises its own. Anybody who shares the root key can mint as well.
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
    refuseUnknown("MacaroonFactory", options, ["keyId", "location", "random"]);
    this.keyId = options.keyId ?? "root";
    if (typeof this.keyId !== "string" || !isKeyId(this.keyId)) {
      throw new MintError(
        `expected a key id of 1 to ${KEY_ID_LENGTH_MAX} characters out of A-Z a-z 0-9 . _ : @ - ` +
          `that begins with a letter or digit, got ${JSON.stringify(String(this.keyId).slice(0, 80))}`,
      );
    }
    this.#derivedKey = withRootKey(rootKey, deriveKey);
    this.#location = options.location;
    this.#random = options.random ?? platformRandom;
  }

  /**
   * A new macaroon with an identifier that never repeats.
   *
   * @throws {@link CaveatError} when a caveat cannot be one, or `once` stands without an end; {@link OptionError} when
   * the caveats are no list; {@link RandomSourceError} when the random source is stuck; {@link MintError} for notes that
   * cannot be written.
   */
  mint(caveats: readonly string[] = [], notes: MintingNotes = {}): Macaroon {
    refuseNonList("mint", "caveats", caveats);
    refuseUnknown("mint", notes, ["memo", "mintedAtMs"]);
    checkNotes(notes);
    const ordered = onceLast(caveats);
    const nonce = drawFresh(this.#random, NONCE_BYTES);
    let macaroon = Macaroon.mintUnder(this.#derivedKey, makeIdentifier(this.keyId, nonce, notes), this.#location);
    for (const caveat of ordered) macaroon = macaroon.addCaveat(caveat);
    return macaroon;
  }

  /** Checks that this factory's key signed a macaroon with all its caveats. A verifier judges their demands. */
  authenticate(macaroon: Macaroon): Authenticity {
    const parts = TokenParts.of(macaroon);
    if (parts === undefined) throw new OptionError("authenticate", "a macaroon", shown(macaroon));
    const followed = this.follow(parts);
    return typeof followed === "string" ? followed : "authentic";
  }

  /** Follows the chain of a macaroon under this factory's key. That the identifier names the key proves nothing. */
  follow(parts: MacaroonParts): FollowedChain | Exclude<Authenticity, "authentic"> {
    if (keyIdOf(parts.identifier) !== this.keyId) return "unknown-key";
    return followChain(parts, this.#derivedKey) ?? "bad-signature";
  }
}
