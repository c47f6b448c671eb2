import { builtinCrypto } from "../../internal/builtin-crypto.ts";
import { nativeFreshKey } from "../../node/internal/native-ed25519.ts";
import { ed25519 } from "../../portable/ed25519.ts";
import type { SecretKey } from "../../keys/secret-key.ts";

/** An Ed25519 key for one use or a few, such as the last one of a chain. */
export interface FreshKey {
  /** The secret; who holds this holds it alone, and destroys it. */
  readonly key: SecretKey<"ed25519">;
  /** The 32 bytes that others verify with. */
  readonly publicKey: Uint8Array;
  /** The 64-byte signature of `bytes`. Throws `SecretDestroyedError` once the key was destroyed. */
  sign(bytes: Uint8Array): Uint8Array;
}

function fastest(): (key: SecretKey<"ed25519">) => FreshKey {
  const crypto = builtinCrypto();
  if (crypto !== undefined) return (key) => nativeFreshKey(crypto, key);
  return (key) => {
    const { publicKey, sign } = ed25519.signer(key);
    return { key, publicKey, sign };
  };
}

/** Takes a key over, for a signature or two. */
export const freshKey: (key: SecretKey<"ed25519">) => FreshKey = /* @__PURE__ */ fastest();
