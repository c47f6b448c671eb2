/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class CryptoError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, bytes were offered as a public key that no honest key has. */
export class InvalidPublicKeyError extends CryptoError {
  constructor(expected: string, got: string, options?: ErrorOptions) {
    super("ERR_INVALID_PUBLIC_KEY", `expected ${expected}, got ${got}; ask its owner for the key again`, options);
  }
}

/** When this is thrown, bytes were offered as a secret key that are not one. The bytes are never in the message. */
export class InvalidSecretKeyError extends CryptoError {
  constructor(message: string) {
    super("ERR_INVALID_SECRET_KEY", message);
  }
}

/**
 * When this is thrown, a source of randomness that was handed in gave no randomness, or gave the same twice: a key made of
 * it could be guessed, or would be another's.
 */
export class InvalidRandomnessError extends CryptoError {
  constructor(length: number, got: string) {
    super(
      "ERR_INVALID_RANDOMNESS",
      `expected ${length} random bytes, got ${got}; hand in the random source of a World that lives, or none for the platform's`
    );
  }
}

/** When this is thrown, bytes were offered as the ciphertext of a key agreement that nobody can have made. */
export class InvalidCiphertextError extends CryptoError {
  constructor(got: string) {
    super("ERR_INVALID_CIPHERTEXT", `expected an X-Wing ciphertext, got ${got}; ask the other side for a new one`);
  }
}

/**
 * When this is thrown, a secret was used after `destroy()`: its bytes are gone. `cause` names the place, in
 * development.
 */
export class SecretDestroyedError extends CryptoError {
  constructor(algorithm: string, options?: ErrorOptions) {
    super(
      "ERR_SECRET_DESTROYED",
      `expected a live ${algorithm} key, got one that was destroyed or handed over; ` +
        "read or open it again, or end it later",
      options
    );
  }
}

/** When this is thrown, a chain would have grown past its bounds. */
export class ChainLimitError extends CryptoError {
  constructor(expected: string, got: string) {
    super(
      "ERR_CHAIN_LIMIT",
      `expected ${expected}, got ${got}; say less in a block, or ask the issuer for a new chain`
    );
  }
}

/** When this is thrown, bytes were offered as an open chain that are none. The bytes are never in the message. */
export class InvalidChainError extends CryptoError {
  constructor(got: string) {
    super("ERR_INVALID_CHAIN", `expected an open chain, got ${got}; ask whoever handed it over to do so again`);
  }
}

/** When this is thrown, an option is not one that can be. */
export class InvalidOptionError extends CryptoError {
  constructor(expected: string, got: string) {
    super("ERR_INVALID_OPTION", `expected ${expected}, got ${got}; see the documentation of the option`);
  }
}

/** When this is thrown, as many signatures wait for their verdict as may. */
export class BatchFullError extends CryptoError {
  constructor(signatures: number, bytes: number) {
    super(
      "ERR_BATCH_FULL",
      `expected room for one signature more, got ${signatures} waiting with ${bytes} bytes; wait for verdicts, then ask again`
    );
  }
}

/** When this is thrown, the compute port could not verify a batch; nothing is known of its signatures. */
export class BatchFailedError extends CryptoError {
  constructor(got: string, options?: ErrorOptions) {
    super(
      "ERR_BATCH_FAILED",
      `expected a verdict for each signature, got ${got}; see the cause, and ask again`,
      options
    );
  }
}

/** When this is thrown, the batch verifier was closed before the verdict. */
export class BatchClosedError extends CryptoError {
  constructor() {
    super("ERR_BATCH_CLOSED", "expected an open batch verifier, got one that was closed; make a new one");
  }
}

/** When this is thrown, no key of a ring signs at that time: the first one's has not come, or all secrets are gone. */
export class NoSigningKeyError extends CryptoError {
  constructor(nowMs: number) {
    super(
      "ERR_NO_SIGNING_KEY",
      `expected a key that signs at ${nowMs} ms, got none; check the clock, or rotate in a key`
    );
  }
}

/** When this is thrown, a key file would have overwritten a file. */
export class KeyFileExistsError extends CryptoError {
  constructor(path: string, options?: ErrorOptions) {
    super(
      "ERR_KEY_FILE_EXISTS",
      `expected no file at ${path}, got one; a key is never overwritten: move it away first or choose another path`,
      options
    );
  }
}

/**
 * When this is thrown, a key ring would have replaced a file that it was not read from, or that somebody else has changed
 * since or is changing: their keys would have been lost.
 */
export class KeyFileConflictError extends CryptoError {
  constructor(path: string, got: string) {
    super(
      "ERR_KEY_FILE_CONFLICT",
      `expected ${path} as this ring left it, got ${got}; read the ring again, and make the change in that one`
    );
  }
}

/** When this is thrown, others than the owner may read or write a key file. */
export class KeyFileModeError extends CryptoError {
  constructor(path: string, mode: number) {
    super(
      "ERR_KEY_FILE_MODE",
      `expected ${path} to be open to its owner only (mode 0600), got mode 0${mode.toString(8).padStart(3, "0")}; ` +
        `if nobody else has read it, run: chmod 600 ${path}; otherwise make a new key`
    );
  }
}

/**
 * When this is thrown, a key file holds something else than a key of the kind asked for. Its content is never in the
 * message.
 */
export class KeyFileFormatError extends CryptoError {
  constructor(path: string, expected: string, got: string) {
    super("ERR_KEY_FILE_FORMAT", `expected ${expected} in ${path}, got ${got}; restore the file or make a new key`);
  }
}

/** When this is thrown, a key file was written by a newer (or unknown) version of its format. */
export class KeyFileVersionError extends CryptoError {
  constructor(path: string, expected: string, got: string) {
    super("ERR_KEY_FILE_VERSION", `expected format ${expected} in ${path}, got ${got}; update Void, or make a new key`);
  }
}

/** When this is thrown, the file system refused to read or write a key file; `cause` says why. */
export class KeyFileAccessError extends CryptoError {
  constructor(path: string, doing: "read" | "write", cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      "ERR_KEY_FILE_ACCESS",
      `could not ${doing} the key file ${path}: ${reason}; check that the folder exists and is yours`,
      {
        cause,
      }
    );
  }
}
