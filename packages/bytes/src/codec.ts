/**
 * Converts values to bytes and back. `decode` accepts untrusted bytes: it never throws, and returns a reason for bytes that
 * it rejects.
 */
export interface Codec<T> {
  /** Encodes a value. */
  encode(value: T): Uint8Array;
  /** Decodes bytes to a value, or returns the reason why they have none. */
  decode(bytes: Uint8Array): Decoded<T>;
}

/** Result of decoding: a value, or the reason why there is none, for logs. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };
