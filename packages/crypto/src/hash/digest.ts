import { builtinCrypto } from "../internal/builtin-crypto.ts";
import { nativeDigest } from "../node/internal/native-hash.ts";
import { digest as portableDigest } from "../portable/digest.ts";

function fastest(): (bytes: Uint8Array) => Uint8Array {
  const crypto = builtinCrypto();
  return crypto === undefined ? portableDigest : nativeDigest(crypto);
}

/**
 * Returns the 32-byte SHA-256 (FIPS 180-4) of bytes, the digest of everything that two machines compare.
 *
 * @example
 * ```ts
 * import { digest } from "@void-system/crypto";
 *
 * digest(new TextEncoder().encode("abc")).slice(0, 4); // => Uint8Array.of(0xba, 0x78, 0x16, 0xbf)
 * ```
 */
export const digest: (bytes: Uint8Array) => Uint8Array = /* @__PURE__ */ fastest();
