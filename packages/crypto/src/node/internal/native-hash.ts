import { requireBytes } from "../../bytes.ts";
import type { NodeCrypto } from "../../internal/builtin-crypto.ts";

/** Length of a block of SHA-256, to which HMAC pads its key (RFC 2104), in bytes. */
const BLOCK_BYTES = 64;
/** Length of a digest, in bytes. */
const DIGEST_BYTES = 32;
/** Longest message that is hashed out of {@link nativeHmac}'s own buffer. For longer ones OpenSSL's HMAC costs no more. */
const SHORT_MESSAGE_BYTES_MAX = 2048;

/** SHA-256 on OpenSSL. */
export function nativeDigest(crypto: NodeCrypto): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    requireBytes("the input", bytes);
    return plain(crypto.hash("sha256", bytes, "buffer"));
  };
}

/**
 * HMAC-SHA256 on OpenSSL. Short messages take two one-shot digests (RFC 2104 §2): an HMAC object, and a Buffer from native
 * code, cost several times the hashing. A digest in `binary` (Latin-1) is a string of one byte a character.
 */
export function nativeHmac(crypto: NodeCrypto): (key: Uint8Array, bytes: Uint8Array) => Uint8Array {
  const inner = new Uint8Array(BLOCK_BYTES + SHORT_MESSAGE_BYTES_MAX);
  const outer = new Uint8Array(BLOCK_BYTES + DIGEST_BYTES);
  return (key, bytes) => {
    requireBytes("the key", key);
    requireBytes("the message", bytes);
    if (key.length > BLOCK_BYTES || bytes.length > SHORT_MESSAGE_BYTES_MAX) {
      return plain(crypto.createHmac("sha256", key).update(bytes).digest());
    }
    for (let at = 0; at < BLOCK_BYTES; at += 1) {
      const byte = key[at] ?? 0;
      inner[at] = byte ^ 0x36;
      outer[at] = byte ^ 0x5c;
    }
    inner.set(bytes, BLOCK_BYTES);
    copyLatin1(crypto.hash("sha256", inner.subarray(0, BLOCK_BYTES + bytes.length), "binary"), outer, BLOCK_BYTES);
    const tag = new Uint8Array(DIGEST_BYTES);
    copyLatin1(crypto.hash("sha256", outer, "binary"), tag, 0);
    // No key is left behind in the buffers, nor a message, which may be one: HKDF extracts from secrets.
    inner.fill(0, 0, BLOCK_BYTES + bytes.length);
    outer.fill(0);
    return tag;
  };
}

function copyLatin1(text: string, to: Uint8Array, offset: number): void {
  for (let at = 0; at < DIGEST_BYTES; at += 1) to[offset + at] = text.charCodeAt(at);
}

/** Returns a Buffer's bytes as the plain Uint8Array that all paths return. */
export function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
