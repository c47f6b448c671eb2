/** Base of every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class BytesError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/**
 * When this is thrown, bytes do not have the layout that their reader expects: they end early, hold a length or a number
 * out of bounds, or text that is not text. `decodeAll` turns it into a result.
 */
export class MalformedBytesError extends BytesError {
  /** Byte at which the layout was broken, counted from the beginning. */
  readonly at: number;

  constructor(expected: string, got: string, at: number, options?: ErrorOptions) {
    super("ERR_MALFORMED_BYTES", `expected ${expected} at byte ${at}, got ${got}`, options);
    this.at = at;
  }
}

/** When this is thrown, a value does not fit the field that it was to be written into: a bug in the caller. */
export class FieldRangeError extends BytesError {
  constructor(field: string, expected: string, got: string | number | bigint) {
    super("ERR_FIELD_RANGE", `expected ${expected} for a field ${field}, got ${got}; check it before it is written`);
  }
}
