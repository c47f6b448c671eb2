import { builtinCrypto } from "./builtin-crypto.ts";
import { nativeVerifyUnloaded } from "./node/native-ed25519.ts";
import { verifyUnloaded as portableVerifyUnloaded } from "./portable/ed25519.ts";

function fastest(): (bytes: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean {
  const crypto = builtinCrypto();
  return crypto === undefined ? portableVerifyUnloaded : nativeVerifyUnloaded(crypto);
}

/**
 * Whether `signature` satisfies the equation of Ed25519 under 32 bytes that were not loaded; the caller has asked
 * `isStrictPoint` of them, or has loaded them elsewhere. By node:crypto on Node, by noble elsewhere.
 */
export const verifyUnloaded: (bytes: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean =
  /* @__PURE__ */ fastest();
