import { sha256 } from "@noble/hashes/sha2.js";
import { requireBytes } from "../bytes.ts";

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
export function digest(bytes: Uint8Array): Uint8Array {
  requireBytes("the input", bytes);
  return sha256(bytes);
}
