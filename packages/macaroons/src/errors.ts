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
    super("ERR_MACAROON_FORMAT", `expected a macaroon, got ${reason}; copy the whole token`);
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

/** When this is thrown, a random source gave bytes that cannot be random. Nothing was made of them. */
export class RandomSourceError extends MacaroonError {
  constructor(expected: string, got: string) {
    super("ERR_RANDOM_SOURCE", `expected ${expected}, got ${got}; use the platform's generator, the default of \`random\``);
  }
}

/** When this is thrown, a program called this package with an argument that it does not take. */
export class OptionError extends MacaroonError {
  constructor(of: string, expected: string, got: string) {
    super("ERR_OPTION", `${of}: expected ${expected}, got ${got}; correct the call`);
  }
}

/** When this is thrown, the discharges that a token needs could not be gathered. */
export class DischargeError extends MacaroonError {
  constructor(expected: string, got: string) {
    super("ERR_DISCHARGE", `expected ${expected}, got ${got}; ask the third party again, or refuse the token`);
  }
}

/** When this is thrown, a store of used tokens gave no clear answer. Take the token for used. */
export class SpentStoreError extends MacaroonError {
  constructor(expected: string, got: string, options?: ErrorOptions) {
    super("ERR_SPENT_STORE", `expected ${expected} of the store of used tokens, got ${got}; the token may count as used`, options);
  }
}

/** When this is thrown, a list of revocations gave no clear answer, or has no room. Refuse the token. */
export class RevocationError extends MacaroonError {
  constructor(expected: string, got: string, options?: ErrorOptions) {
    super("ERR_REVOCATION", `expected ${expected}, got ${got}; refuse the token until the list is repaired`, options);
  }
}
