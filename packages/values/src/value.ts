/** First byte of each encoding. A change of the format raises it. */
export const VALUE_VERSION = 2;

/**
 * A value that arrives as it was sent. Objects are plain, and have no key `__proto__`, `constructor` or `prototype`;
 * bigints have at most 64 bits; strings have no half of a surrogate pair.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | {
      /** A value by its key. */
      readonly [key: string]: Value;
    };
