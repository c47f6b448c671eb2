import { requireBytes } from "../../bytes.ts";
import type { NodeCrypto } from "../../internal/builtin-crypto.ts";

/** SHA-256 on OpenSSL. */
export function nativeDigest(crypto: NodeCrypto): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    requireBytes("the input", bytes);
    return plain(crypto.hash("sha256", bytes, "buffer"));
  };
}

/** HMAC-SHA256 on OpenSSL. */
export function nativeHmac(crypto: NodeCrypto): (key: Uint8Array, bytes: Uint8Array) => Uint8Array {
  return (key, bytes) => {
    requireBytes("the key", key);
    requireBytes("the message", bytes);
    return plain(crypto.createHmac("sha256", key).update(bytes).digest());
  };
}

/** Returns a Buffer's bytes as the plain Uint8Array that all paths return. */
export function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
