import type { ByteOrder } from "./byte-order.ts";
import { ByteReader } from "./byte-reader.ts";
import type { Decoded } from "./codec.ts";
import { MalformedBytesError } from "./errors.ts";

/**
 * Decodes bytes that `read` must consume to the end. Bytes left over, and any breach of the layout that the reader finds,
 * give a result with a reason instead of an exception. Other errors pass through.
 *
 * @example
 * ```ts
 * import { decodeAll } from "@void-system/bytes";
 *
 * decodeAll(Uint8Array.of(1, 2), (reader) => reader.u16()); // => { ok: true, value: 258 }
 * decodeAll(Uint8Array.of(1), (reader) => reader.u16()).ok; // => false
 * decodeAll(Uint8Array.of(1, 2, 3), (reader) => reader.u16()).ok; // => false
 * ```
 */
export function decodeAll<T>(bytes: Uint8Array, read: (reader: ByteReader) => T, order?: ByteOrder): Decoded<T> {
  try {
    const reader = new ByteReader(bytes, order);
    const value = read(reader);
    reader.end();
    return { ok: true, value };
  } catch (failure) {
    if (failure instanceof MalformedBytesError) return { ok: false, reason: failure.message };
    throw failure;
  }
}
