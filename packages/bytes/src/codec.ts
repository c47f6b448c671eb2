/**
 * Converts values to bytes and back. `decode` takes bytes of anybody: it returns a reason for those that are unsound, and
 * never throws.
 */
export interface Codec<T> {
  /** Returns the bytes of a value. */
  encode(value: T): Uint8Array;
  /** Returns the value of bytes, or the reason why there is none. */
  decode(bytes: Uint8Array): Decoded<T>;
}

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
