import { ByteReader, type ByteOrder } from "./byte-reader.ts";
import { MalformedBytesError } from "./errors.ts";

/** The result of decoding: a value, or the reason why there is none. */
export type Decoded<T> =
  | {
      readonly ok: true;
      /** The decoded value. */
      readonly value: T;
    }
  | {
      readonly ok: false;
      /** The reason, for logs. */
      readonly reason: string;
    };

/**
 * Decodes bytes to the last one. `read` takes its fields from the reader; anything left over, and any breach of the layout
 * that the reader finds, is a result and not an exception. Other errors pass through.
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
