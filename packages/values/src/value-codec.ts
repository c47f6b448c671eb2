import type { Decoded } from "@void-system/bytes";
import { decodeValue } from "./decoder.ts";
import { encodeValue } from "./encoder.ts";
import { limitsFrom, type ValueLimits } from "./limits.ts";
import type { Value } from "./value.ts";

/** Values into bytes, and back. */
export interface ValueCodec {
  /**
   * Returns the bytes of a value, made for the caller to keep.
   *
   * @throws {@link ValueError} for a part that would not arrive as it is, or a value beyond the limits. An error of the
   * caller's own code, such as a getter, passes through.
   */
  encode(value: unknown): Uint8Array;
  /** Returns the value of bytes that anybody may have sent, or the reason why there is none. They share no memory. */
  decode(bytes: Uint8Array): Decoded<Value>;
}

/**
 * Returns a codec for the values of applications. A value arrives as it was sent, or is refused by name before anything
 * is sent. Bytes are refused unless `encode` with the same limits could have made them.
 *
 * @throws {@link OptionError} for an unknown limit, or one out of its range.
 * @example
 * ```ts
 * import { valueCodec } from "@void-system/values";
 *
 * const codec = valueCodec({ depth: 4 });
 * const bytes = codec.encode({ op: "put", key: "a", value: Uint8Array.of(1, 2) });
 * codec.decode(bytes); // => ({ ok: true, value: { op: "put", key: "a", value: Uint8Array.of(1, 2) } })
 * codec.decode(bytes.subarray(0, 5)).ok; // => false
 * ```
 */
export function valueCodec(limits: Partial<ValueLimits> = {}): ValueCodec {
  const bounds = limitsFrom(limits);
  return {
    encode: (value) => encodeValue(value, bounds),
    decode: (bytes) => decodeValue(bytes, bounds),
  };
}
