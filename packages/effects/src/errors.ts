/** Base class of this package's errors. Each message says what was expected, what was got and what to do. */
export class EffectsError extends Error {
  /** Stable name of the error, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, a string that is no valid node name was used as one. */
export class InvalidPeerIdError extends EffectsError {
  constructor(name: string) {
    super(
      "ERR_INVALID_PEER_ID",
      "expected a node name of 1 to 64 characters out of A-Z a-z 0-9 . _ : @ - that begins with a letter or digit, " +
        `got ${JSON.stringify(name.slice(0, 80))}`
    );
  }
}

/** When this is handed to `fatal`, a core broke its contract with the driver: a bug in the core. */
export class CoreContractError extends EffectsError {
  constructor(expected: string, got: string | number) {
    super("ERR_CORE_CONTRACT", `expected ${expected} from the core, got ${got}; fix the core`);
  }
}

/** When this is handed to `fatal`, a core, its wire or its codec threw. `cause` is the value that it threw. */
export class CoreFailedError extends EffectsError {
  constructor(doing: string, cause: unknown) {
    super("ERR_CORE_FAILED", `${doing} threw: ${reasonOf(cause)}; fix the core`, { cause });
  }
}

/**
 * When this is handed to `fatal`, the receiver of deliveries threw, so it and the core may no longer agree. `cause` is
 * the value that it threw.
 */
export class DeliverFailedError extends EffectsError {
  constructor(cause: unknown) {
    super("ERR_DELIVER_FAILED", `deliver threw: ${reasonOf(cause)}; fix it`, { cause });
  }
}

/**
 * When this is handed to `fatal`, the durable log failed. The driver does not retry. Repair the disk, then restart the
 * node.
 */
export class LogFailedError extends EffectsError {
  constructor(doing: "open" | "append" | "sync" | "checkpoint", cause: unknown) {
    super("ERR_LOG_FAILED", `the log's ${doing} failed: ${reasonOf(cause)}; repair the disk, then restart the node`, {
      cause,
    });
  }
}

/**
 * When this is handed to `fatal`, a record's checksum is right but its codec cannot decode it. Another version of the
 * program wrote it.
 */
export class RecordError extends EffectsError {
  constructor(log: string, position: number, reason: string) {
    super("ERR_RECORD", `record ${position} of the log "${log}" does not decode: ${reason}; run the version that wrote it`);
  }
}

/** When this is handed over, a job of `World.compute` threw or its thread died. `cause` is the reason. */
export class JobFailedError extends EffectsError {
  constructor(job: string, cause: unknown) {
    super("ERR_JOB_FAILED", `expected the job ${JSON.stringify(job)} to return bytes, got: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** When this is thrown, a network already has a handler for its frames. Cancel that one first, or use a `channel`. */
export class HandlerTakenError extends EffectsError {
  constructor() {
    super(
      "ERR_HANDLER_TAKEN",
      "expected one handler of frames at a time, got a second; cancel the first, or open a channel for each protocol"
    );
  }
}

/** When this is thrown, two protocols opened the same channel of one network. */
export class ChannelTakenError extends EffectsError {
  constructor(id: number) {
    super(
      "ERR_CHANNEL_TAKEN",
      `expected one protocol on channel ${id}, got a second; give each protocol its own number`
    );
  }
}

/** When this is thrown, a name that must be unique is in use. */
export class NameTakenError extends EffectsError {
  constructor(what: string, name: string) {
    super(
      "ERR_NAME_TAKEN",
      `expected a new name for a ${what}, got ${JSON.stringify(name)}, which is in use; ` +
        "close the first, or choose another name"
    );
  }
}

/** When this is thrown, a string that is no valid name of a log or blob store was used as one. */
export class InvalidLogNameError extends EffectsError {
  constructor(name: string) {
    super(
      "ERR_INVALID_LOG_NAME",
      `expected a name of 1 to 64 letters, digits and "-" for a log or blob store, got ${JSON.stringify(name.slice(0, 80))}`
    );
  }
}

/** When this is thrown, a string that is no address of a blob was used as one. */
export class InvalidBlobAddressError extends EffectsError {
  constructor(digits: string) {
    super(
      "ERR_INVALID_BLOB_ADDRESS",
      `expected 64 hexadecimal digits in lower case, got ${JSON.stringify(digits.slice(0, 80))}; use the address that put() reported`
    );
  }
}

/** When this is handed over, the store has no blob of this address. */
export class BlobMissingError extends EffectsError {
  /** Address of the blob. */
  readonly address: string;

  constructor(store: string, address: string) {
    super("ERR_BLOB_MISSING", `expected the blob ${address} in ${store}, which has none; fetch it from another node, and put it`);
    this.address = address;
  }
}

/** When this is handed over, the bytes of a blob differ from what was written, by bit rot or because someone changed them. */
export class BlobDamagedError extends EffectsError {
  /** Address of the blob. */
  readonly address: string;

  constructor(store: string, address: string) {
    super(
      "ERR_BLOB_DAMAGED",
      `the blob ${address} in ${store} is damaged: its bytes have another SHA-256; fetch it from another node, and put it`
    );
    this.address = address;
  }
}

/** When this is thrown, a function that must return a program returned another value. */
export class NotAProgramError extends EffectsError {
  constructor(who: string, got: unknown) {
    const isPromise = typeof got === "object" && got !== null && "then" in got;
    super(
      "ERR_NOT_A_PROGRAM",
      `expected ${who} to return a program, got ${isPromise ? "a promise" : String(got)}; write function* and yield*, ` +
        "or () => fromAsync(async …)"
    );
  }
}

/** When this is thrown, code performed an effect for which no handler is in force. */
export class UnhandledEffectError extends EffectsError {
  /** The name of the effect. */
  readonly effect: string;

  constructor(effect: string, asking: string, remedy: string) {
    super(
      "ERR_UNHANDLED_EFFECT",
      `expected a handler of the effect "${effect}" around ${asking}, got none; ` +
        `put ${remedy} around the calling code`
    );
    this.effect = effect;
  }
}

/**
 * When this is thrown, an asynchronous body was run with handlers on a platform that loses them at the first `await`.
 */
export class AsyncBodyError extends EffectsError {
  constructor() {
    super(
      "ERR_ASYNC_BODY",
      "expected a synchronous body, got one that returned a promise; this platform has no AsyncLocalStorage, so " +
        "handlers would be lost at the first await: perform effects before it, and pass their results on as values"
    );
  }
}

/** When this is thrown, a method of mock clocks was called on another clock. */
export class NotMockError extends EffectsError {
  constructor(method: string) {
    super("ERR_NOT_MOCK", `expected ${method} on a mock clock, got another clock; use new TimeHandler("mock")`);
  }
}

/** When this is thrown, a mock clock was asked to travel to an instant that it did not record. */
export class UnknownInstantError extends EffectsError {
  constructor() {
    super("ERR_UNKNOWN_INSTANT", "expected an instant from record() of the same clock, got another; record it first");
  }
}

/** When this is thrown, a secret is missing or empty. The message contains its name, never a value. */
export class SecretMissingError extends EffectsError {
  constructor(name: string, reason = "none") {
    super(
      "ERR_SECRET_MISSING",
      `expected a secret ${JSON.stringify(name)} that is not empty, got ${reason}; set it in the SecretsHandler's source`
    );
  }
}

/** Returns the message of a thrown value. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * When this is handed over, a file of a log differs from what was written, by bit rot or because someone changed it.
 * Nothing was cut.
 */
export class LogDamagedError extends EffectsError {
  /** Path of the damaged file. */
  readonly file: string;
  /** Offset of the damage in the file, in bytes. */
  readonly offset: number;

  constructor(file: string, offset: number, what: string, options?: ErrorOptions) {
    super(
      "ERR_LOG_DAMAGED",
      `${file} is damaged at byte ${offset}: ${what}. Do not delete single files. If all other nodes are sound, move the whole ` +
        "folder away and start this node with an empty one, as its manual says: a node that forgets its messages may " +
        "contradict them, and counts as faulty",
      options
    );
    this.file = file;
    this.offset = offset;
  }
}

/** When this is handed over, another version of this package wrote the log. */
export class LogVersionError extends EffectsError {
  constructor(file: string, got: string) {
    super("ERR_LOG_VERSION", `expected a log of format 1 in ${file}, got ${got}; run the version that wrote it`);
  }
}

/** When this is handed over, another process, or another disk of this process, has the folder open. */
export class DiskLockedError extends EffectsError {
  /** Id of the process that has the folder open. */
  readonly pid: number;

  constructor(file: string, pid: number) {
    const who = pid === process.pid ? "another disk of this process" : `process ${pid}`;
    super(
      "ERR_DISK_LOCKED",
      `expected a folder that is not in use, got ${file}, which ${who} (pid ${pid}) has locked; ` +
        "stop it, or give this node a folder of its own"
    );
    this.pid = pid;
  }
}

/**
 * When this is handed over, the file system refused an operation, for example for lack of permission or space. `cause`
 * is the error of the file system.
 */
export class DiskPathError extends EffectsError {
  /** Path of the file or folder. */
  readonly path: string;

  constructor(doing: string, path: string, cause: unknown) {
    super(
      "ERR_DISK_PATH",
      `could not ${doing} ${path}: ${reasonOf(cause)}; ${advice(cause)}`,
      { cause }
    );
    this.path = path;
  }
}

/** When this is thrown, a record, a chunk or a blob is larger than its limit. */
export class RecordTooLargeError extends EffectsError {
  constructor(what: string, bytesMax: number, bytes: number) {
    super(
      "ERR_RECORD_TOO_LARGE",
      `expected a ${what} of at most ${bytesMax} bytes, got ${bytes}; split it`
    );
  }
}

/** When this is handed over, the queue of jobs that wait for a thread is full. */
export class ComputeBusyError extends EffectsError {
  constructor(job: string, jobsMax: number) {
    super(
      "ERR_COMPUTE_BUSY",
      `expected at most ${jobsMax} jobs waiting for a thread, got one more, ${JSON.stringify(job)}; ` +
        "retry later, or give the pool more threads"
    );
  }
}

function advice(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "make the user that runs this node own the folder, or choose another one";
    case "ENOSPC":
    case "EDQUOT":
      return "free space on the disk, then restart the node";
    case "EROFS":
      return "mount the file system for writing, or choose another folder";
    case "ENOTDIR":
    case "EEXIST":
      return "a file is in the place of a folder: move it away, or choose another folder";
    default:
      return "check that the path is on a working disk, then restart the node";
  }
}

/** When this is thrown, two effects were defined under one key, so rows and handlers could not distinguish them. */
export class EffectKeyTakenError extends EffectsError {
  constructor(key: string) {
    super(
      "ERR_EFFECT_KEY_TAKEN",
      `expected one effect "${key}", got two; define it once`,
    );
  }
}

/** When this is thrown, an effect was performed with `yield*` outside of a fiber. */
export class OutsideFiberError extends EffectsError {
  constructor() {
    super("ERR_OUTSIDE_FIBER", "expected yield* in a fiber, got it outside; use run");
  }
}

/** When this is thrown into a program, the program used a plain `yield`. Only `yield*` of a program has a meaning. */
export class StrayYieldError extends EffectsError {
  constructor() {
    super("ERR_STRAY_YIELD", "expected yield* of a program, got a yield; use yield*");
  }
}

/** When this is thrown into a program, an async function given to `fromAsync` returned a program instead of a value. */
export class ProgramReturnedError extends EffectsError {
  constructor() {
    super(
      "ERR_PROGRAM_RETURNED",
      "expected an async function to return a value, got a program, which nothing performs; use `await perform(() => …)`, " +
        "or a function* without fromAsync"
    );
  }
}

/** When this is thrown, `resume` or `fail` of one wait was called a second time. */
export class ResumedTwiceError extends EffectsError {
  constructor() {
    super("ERR_RESUMED_TWICE", "expected one answer to a wait, got a second; call resume or fail once");
  }
}

/** When this is thrown, a program given to `runSync` had to wait. The program has been cancelled. */
export class SuspendedError extends EffectsError {
  constructor() {
    super("ERR_SUSPENDED", "expected a program that never waits, got one; use run");
  }
}

/** When this is thrown, the fiber whose result was awaited was cancelled. */
export class FiberCancelledError extends EffectsError {
  constructor() {
    super("ERR_FIBER_CANCELLED", "expected a result, got a cancellation");
  }
}

/**
 * When this is thrown, there were several failures at the end of one fiber, of its program, its children or its
 * finalisers. `cause` is the first.
 */
export class FinalizersFailedError extends EffectsError {
  /** All failures, in the order in which they happened. */
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super("ERR_FINALIZERS_FAILED", `expected a clean end of a fiber, got ${errors.length} failures; see errors`, {
      cause: errors[0],
    });
    this.errors = errors;
  }
}

/** Returns the error to throw for one failure or several. Nested lists of failures become one list. */
export function failureOf(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  return new FinalizersFailedError(errors.flatMap((error) => (error instanceof FinalizersFailedError ? error.errors : [error])));
}

/** When this is thrown, a program exceeded its timeout. The program has been cancelled. */
export class EffectTimeoutError extends EffectsError {
  constructor(timeoutMs: number) {
    super("ERR_EFFECT_TIMEOUT", `expected an end within ${timeoutMs} ms, got a timeout; the program was cancelled`);
  }
}
