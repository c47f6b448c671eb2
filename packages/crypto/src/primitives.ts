import type { SignatureScheme } from "./keys/signature.ts";

/** Primitives that have a fast path. Every implementation gives equal bytes and equal verdicts. */
export interface Primitives {
  /** Ed25519 signatures (RFC 8032). */
  readonly ed25519: SignatureScheme;
  /** SHA-256 (FIPS 180-4). */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
  /** HMAC-SHA256 (RFC 2104). */
  readonly hmacSha256: (key: Uint8Array, bytes: Uint8Array) => Uint8Array;
}
