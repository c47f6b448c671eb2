/** The types of keys that are used once or a few times, such as those of a chain. */
import type { SecretKey } from "../../keys/secret-key.ts";

/** An Ed25519 key with the means to sign at hand. */
export interface FreshKey {
  /** The secret. The holder of this object alone has it, and destroys it. */
  readonly key: SecretKey<"ed25519">;
  /** The 32 bytes that others verify with. */
  readonly publicKey: Uint8Array;
  /** The 64-byte signature of `bytes`. Throws `SecretDestroyedError` once the key was destroyed. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Verifies that `signature` is one of `bytes`, under a key that was given before. */
export type VerifyUnder = (bytes: Uint8Array, signature: Uint8Array) => boolean;
