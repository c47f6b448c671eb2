/** Base class of this package's errors. `code` is stable. `message` says what was expected, what was got and what to do. */
export class BytesError extends Error {
  /** Stable identifier of the error, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/**
 * When this is thrown, bytes do not have the layout that their reader expects: they end early, or contain a length or
 * number out of bounds, or invalid text. `decodeAll` turns it into a result.
 */
export class MalformedBytesError extends BytesError {
  /** Offset of the byte that broke the layout. */
  readonly at: number;

  constructor(expected: string, got: string, at: number, options?: ErrorOptions) {
    super("ERR_MALFORMED_BYTES", `expected ${expected} at byte ${at}, got ${got}`, options);
    this.at = at;
  }
}

/** When this is thrown, the caller has tried to write a value that does not fit its field, which is a bug. */
export class FieldRangeError extends BytesError {
  constructor(field: string, expected: string, got: string | number | bigint) {
    super("ERR_FIELD_RANGE", `expected ${expected} for a field ${field}, got ${got}; check the value before writing it`);
  }
}
