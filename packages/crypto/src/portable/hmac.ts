import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { requireBytes } from "../bytes.ts";

/**
 * Returns the 32-byte HMAC-SHA256 (RFC 2104) of bytes. For chains, where a tag is the next key. To authenticate
 * messages under a stored key, use a `Mac`.
 *
 * @example
 * ```ts
 * import { hmacSha256 } from "@void-system/crypto";
 *
 * const key = new TextEncoder().encode("Jefe"); // RFC 4231, test case 2
 * const message = new TextEncoder().encode("what do ya want for nothing?");
 * hmacSha256(key, message).slice(0, 4); // => Uint8Array.of(0x5b, 0xdc, 0xc1, 0x46)
 * ```
 */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  requireBytes("the key", key);
  requireBytes("the message", bytes);
  return hmac(sha256, key, bytes);
}
