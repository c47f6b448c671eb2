/** Base of every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class ValuesError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, a value cannot be encoded: a part of it would not arrive as it is, or it exceeds a limit. */
export class ValueError extends ValuesError {
  /** The refused part, written as an expression: `value.users[3].born`. */
  readonly path: string;

  constructor(path: string, expected: string, got: string, advice: string) {
    super("ERR_VALUE", `${path}: expected ${expected}, got ${got}; ${advice}`);
    this.path = path;
  }
}

/** When this is thrown, an option is unknown or out of its range. */
export class OptionError extends ValuesError {
  constructor(option: string, expected: string, got: string) {
    super("ERR_OPTION", `expected ${option} to be ${expected}, got ${got}`);
  }
}
