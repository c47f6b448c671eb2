/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class PlumtreeError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/**
 * When this is thrown, a value was to be broadcast that would not arrive as it is, or that exceeds the limits. The message
 * names the part; `cause` is the `ValueError` of `@void-system/values`.
 */
export class InvalidValueError extends PlumtreeError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_PLUMTREE_INVALID_VALUE", message, options);
  }
}

/** When this is thrown, an option or argument cannot work. */
export class InvalidOptionError extends PlumtreeError {
  constructor(name: string, expected: string, got: unknown) {
    super("ERR_PLUMTREE_INVALID_OPTION", `expected ${name} to be ${expected}, got ${String(got)}`);
  }
}

/** When this is thrown, the node has too much to do to take a broadcast: nothing was sent; try again later. */
export class BusyError extends PlumtreeError {
  constructor() {
    super("ERR_PLUMTREE_BUSY", "expected room for one more request, got a full queue; broadcast more slowly");
  }
}

/** When this is thrown, a node was used after `close`, or after it has failed. */
export class ClosedError extends PlumtreeError {
  constructor(options?: ErrorOptions) {
    super("ERR_PLUMTREE_CLOSED", "expected an open node, got one that is closed; make a new one", options);
  }
}
