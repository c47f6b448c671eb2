/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class MacaroonError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, text or bytes are not a macaroon in the canonical form of version 2. Never holds the token. */
export class MacaroonFormatError extends MacaroonError {
  constructor(reason: string) {
    super("ERR_MACAROON_FORMAT", `expected a macaroon (version 2, base64url), got ${reason}; copy the whole token`);
  }
}

/** When this is thrown, a caveat was to be added that cannot be one, or that the verifier at hand would never meet. */
export class CaveatError extends MacaroonError {
  constructor(reason: string) {
    super("ERR_CAVEAT", reason);
  }
}

/** When this is thrown, a macaroon was to be minted under a key, a key id or an identifier that cannot serve. */
export class MintError extends MacaroonError {
  constructor(reason: string) {
    super("ERR_MINT", reason);
  }
}
