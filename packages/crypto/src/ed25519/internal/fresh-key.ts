import { builtinCrypto } from "../../internal/builtin-crypto.ts";
import { nativeFreshKey } from "../../node/internal/native-ed25519.ts";
import { ed25519 } from "../../portable/ed25519.ts";
import type { SecretKey } from "../../keys/secret-key.ts";
import type { FreshKey } from "./single-use.ts";

function fastest(): (key: SecretKey<"ed25519">) => FreshKey {
  const crypto = builtinCrypto();
  if (crypto !== undefined) return (key) => nativeFreshKey(crypto, key);
  return (key) => {
    const { publicKey, sign } = ed25519.signer(key);
    return { key, publicKey, sign };
  };
}

/** Takes ownership of a key, for a signature or two. */
export const freshKey: (key: SecretKey<"ed25519">) => FreshKey = /* @__PURE__ */ fastest();
