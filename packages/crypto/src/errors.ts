/**
 * Base class of this package's errors. `code` is stable. `message` says what was expected, what was got and what to do.
 */
export class CryptoError extends Error {
  /** Stable identifier of the error, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, the bytes given as a public key are not those of any honest key. */
export class InvalidPublicKeyError extends CryptoError {
  constructor(expected: string, got: string, options?: ErrorOptions) {
    super("ERR_INVALID_PUBLIC_KEY", `expected ${expected}, got ${got}; ask its owner for the key again`, options);
  }
}

/** When this is thrown, the bytes given as a secret key are not one. The bytes are never in the message. */
export class InvalidSecretKeyError extends CryptoError {
  constructor(message: string) {
    super("ERR_INVALID_SECRET_KEY", message);
  }
}

/**
 * When this is thrown, the given source of randomness is not random, or repeated itself. A key made from it could be
 * guessed, or would equal another.
 */
export class InvalidRandomnessError extends CryptoError {
  constructor(length: number, got: string) {
    super(
      "ERR_INVALID_RANDOMNESS",
      `expected ${length} random bytes, got ${got}; pass the random source of a running World, or none for the platform's`
    );
  }
}

/** When this is thrown, the bytes given as a ciphertext cannot have been made by encapsulating. */
export class InvalidCiphertextError extends CryptoError {
  constructor(got: string) {
    super("ERR_INVALID_CIPHERTEXT", `expected an X-Wing ciphertext, got ${got}; ask the other side for a new one`);
  }
}

/** When this is thrown, a secret was used after `destroy()`. In development, `cause` shows where it was destroyed. */
export class SecretDestroyedError extends CryptoError {
  constructor(algorithm: string, options?: ErrorOptions) {
    super(
      "ERR_SECRET_DESTROYED",
      `expected a live ${algorithm} key, got one that was destroyed or handed over; ` +
        "read or open it again, or destroy it later",
      options
    );
  }
}

/** When this is thrown, a chain would have exceeded its bounds. */
export class ChainLimitError extends CryptoError {
  constructor(expected: string, got: string) {
    super(
      "ERR_CHAIN_LIMIT",
      `expected ${expected}, got ${got}; put less into a block, or ask the issuer for a new chain`
    );
  }
}

/** When this is thrown, the bytes given as an open chain are not one. The bytes are never in the message. */
export class InvalidChainError extends CryptoError {
  constructor(got: string) {
    super("ERR_INVALID_CHAIN", `expected an open chain, got ${got}; ask its holder to hand it over again`);
  }
}

/** When this is thrown, an option is invalid. */
export class InvalidOptionError extends CryptoError {
  constructor(expected: string, got: string) {
    super("ERR_INVALID_OPTION", `expected ${expected}, got ${got}; see the documentation of the option`);
  }
}

/** When this is thrown, the maximum of signatures or bytes is already waiting for verdicts. */
export class BatchFullError extends CryptoError {
  constructor(signatures: number, bytes: number) {
    super(
      "ERR_BATCH_FULL",
      `expected room for one signature more, got ${signatures} waiting with ${bytes} bytes; wait for verdicts, then try again`
    );
  }
}

/** When this is thrown, the compute port could not verify a batch. Nothing is known about its signatures. */
export class BatchFailedError extends CryptoError {
  constructor(got: string, options?: ErrorOptions) {
    super(
      "ERR_BATCH_FAILED",
      `expected a verdict for each signature, got ${got}; see the cause, and try again`,
      options
    );
  }
}

/** When this is thrown, the batch verifier was closed before the verdict was known. */
export class BatchClosedError extends CryptoError {
  constructor() {
    super("ERR_BATCH_CLOSED", "expected an open batch verifier, got one that was closed; make a new one");
  }
}

/**
 * When this is thrown, no key of a ring signs at the given time: the first turn has not begun, or all secrets are gone.
 */
export class NoSigningKeyError extends CryptoError {
  constructor(nowMs: number) {
    super(
      "ERR_NO_SIGNING_KEY",
      `expected a key that signs at ${nowMs} ms, got none; check the clock, or add a key with rotate`
    );
  }
}

/** When this is thrown, writing a key file would have overwritten a file. */
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
 * When this is thrown, writing a key ring would have replaced a file that it was not read from, or that another process
 * has changed since or is changing. The keys of that process would have been lost.
 */
export class KeyFileConflictError extends CryptoError {
  constructor(path: string, got: string) {
    super(
      "ERR_KEY_FILE_CONFLICT",
      `expected ${path} as this ring left it, got ${got}; read the ring again, and repeat the change in that one`
    );
  }
}

/** When this is thrown, users other than the owner may read or write a key file. */
export class KeyFileModeError extends CryptoError {
  constructor(path: string, mode: number) {
    super(
      "ERR_KEY_FILE_MODE",
      `expected ${path} to be open to its owner only (mode 0600), got mode 0${mode.toString(8).padStart(3, "0")}; ` +
        `if nobody else has read it, run: chmod 600 ${path}; otherwise make a new key`
    );
  }
}

/** When this is thrown, a key file does not hold a key of the requested kind. Its content is never in the message. */
export class KeyFileFormatError extends CryptoError {
  constructor(path: string, expected: string, got: string) {
    super("ERR_KEY_FILE_FORMAT", `expected ${expected} in ${path}, got ${got}; restore the file or make a new key`);
  }
}

/** When this is thrown, a key file has a newer (or unknown) version of its format. */
export class KeyFileVersionError extends CryptoError {
  constructor(path: string, expected: string, got: string) {
    super("ERR_KEY_FILE_VERSION", `expected format ${expected} in ${path}, got ${got}; update Void, or make a new key`);
  }
}

/** When this is thrown, the file system refused to read or write a key file. `cause` says why. */
export class KeyFileAccessError extends CryptoError {
  constructor(path: string, doing: "read" | "write" | "link", cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      "ERR_KEY_FILE_ACCESS",
      `could not ${doing} the key file ${path}: ${reason}; ${adviceOn(doing, cause)}`,
      {
        cause,
      }
    );
  }
}

const FULL: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];
const NO_LINKS: readonly unknown[] = ["ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Returns what to do about a refusal of the file system. */
function adviceOn(doing: "read" | "write" | "link", cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (FULL.includes(code)) return "make room on the disk";
  if (code === "EROFS") return "choose a disk that may be written to";
  if (code === "EMFILE" || code === "ENFILE") return "close files, or raise the limit of open ones";
  // Linux reports EPERM for a link on a file system without hard links, such as FAT.
  if (NO_LINKS.includes(code) || (doing === "link" && code === "EPERM")) return "choose a file system with hard links";
  return "check that the folder exists and that you own it";
}
