import { requireKey } from "../arguments.ts";
import { constantTimeEqual, isBytes } from "../bytes.ts";
import { hmacSha256 } from "./hmac.ts";
import type { SecretKey } from "../keys/secret-key.ts";

/**
 * Authenticates messages between parties that share a key: HMAC-SHA256 tags, compared in constant time. Every holder of
 * the key can make every tag, so if one of them may lie, use signatures.
 *
 * @example
 * ```ts
 * import { generateKey, Mac } from "@void-system/crypto";
 *
 * const mac = new Mac(generateKey("hmac-sha256"));
 * const message = new TextEncoder().encode("session 12");
 * mac.verify(message, mac.tag(message)); // => true
 * mac.verify(message, new Uint8Array(32)); // => false
 * ```
 */
export class Mac {
  readonly #key: SecretKey<"hmac-sha256">;

  /**
   * Borrows `key`: once the key is destroyed, both methods throw {@link SecretDestroyedError}.
   *
   * @throws {@link InvalidOptionError} for a key of another purpose.
   */
  constructor(key: SecretKey<"hmac-sha256">) {
    requireKey(key, "hmac-sha256");
    this.#key = key;
  }

  /** Returns the 32-byte tag of `bytes`. @throws {@link InvalidOptionError} for anything but bytes. */
  tag(bytes: Uint8Array): Uint8Array {
    return this.#key.use((key) => hmacSha256(key, bytes));
  }

  /** Returns true if `tag` is the tag of `bytes`. Shortened tags are refused, and what is no bytes has no tag. */
  verify(bytes: Uint8Array, tag: Uint8Array): boolean {
    return isBytes(bytes) && constantTimeEqual(this.tag(bytes), tag);
  }
}
