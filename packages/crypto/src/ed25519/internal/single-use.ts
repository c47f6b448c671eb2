/** Types of keys that are used once or a few times, such as those of a chain. */
import type { SecretKey } from "../../keys/secret-key.ts";

/** An Ed25519 key that is ready to sign. */
export interface FreshKey {
  /** The secret. The holder of this object owns and destroys it. */
  readonly key: SecretKey<"ed25519">;
  /** The 32 bytes of the public key. */
  readonly publicKey: Uint8Array;
  /** Signs `bytes` with 64 bytes. Throws `SecretDestroyedError` once the key is destroyed. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Verifies a signature of `bytes` under a key given before. */
export type VerifyUnder = (bytes: Uint8Array, signature: Uint8Array) => boolean;
