/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class EffectsError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, a string was used as the name of a node that cannot be one. */
export class InvalidPeerIdError extends EffectsError {
  constructor(name: string) {
    super(
      "ERR_INVALID_PEER_ID",
      `expected a node name of 1 to 64 characters out of A-Z a-z 0-9 . _ : @ - that begins with a letter or digit, got ${JSON.stringify(name.slice(0, 80))}`,
    );
  }
}
