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
      "expected a node name of 1 to 64 characters out of A-Z a-z 0-9 . _ : @ - that begins with a letter or digit, " +
        `got ${JSON.stringify(
        name.slice(0, 80)
      )}`
    );
  }
}

/** When this is handed to `fatal`, a core broke its contract with the driver: a bug in the core. */
export class CoreContractError extends EffectsError {
  constructor(expected: string, got: string | number) {
    super("ERR_CORE_CONTRACT", `expected from the core ${expected}, got ${got}; mend it`);
  }
}

/** When this is handed to `fatal`, a core (or its wire or codec) threw. `cause` is what it threw. */
export class CoreFailedError extends EffectsError {
  constructor(doing: string, cause: unknown) {
    super("ERR_CORE_FAILED", `${doing} threw: ${reasonOf(cause)}; mend it`, { cause });
  }
}

/**
 * When this is handed to `fatal`, the receiver of deliveries threw, so it and the core may no longer agree. `cause` is
 * what it threw.
 */
export class DeliverFailedError extends EffectsError {
  constructor(cause: unknown) {
    super("ERR_DELIVER_FAILED", `deliver threw: ${reasonOf(cause)}; mend it`, { cause });
  }
}

/**
 * When this is handed to `fatal`, the durable log failed. It is never tried again: restart the node once the disk is
 * well.
 */
export class LogFailedError extends EffectsError {
  constructor(doing: "open" | "append" | "sync" | "checkpoint", cause: unknown) {
    super("ERR_LOG_FAILED", `the log's ${doing} failed: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * When this is handed to `fatal`, a record in the log is sound but its codec does not understand it: another version
 * wrote it.
 */
export class RecordError extends EffectsError {
  constructor(log: string, position: number, reason: string) {
    super("ERR_RECORD", `record ${position} of the log "${log}" does not decode: ${reason}; run what wrote it`);
  }
}

/** When this is handed over, a job of `World.compute` threw, or the thread that ran it died. `cause` is why. */
export class JobFailedError extends EffectsError {
  constructor(job: string, cause: unknown) {
    super("ERR_JOB_FAILED", `expected the job ${JSON.stringify(job)} to return bytes, got: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** When this is thrown, a network already has a handler for its frames. Take that one off first, or use a `channel`. */
export class HandlerTakenError extends EffectsError {
  constructor() {
    super(
      "ERR_HANDLER_TAKEN",
      "expected one handler of frames at a time, got a second one; cancel the first, or use a channel for each protocol"
    );
  }
}

/** When this is thrown, two protocols asked for the same channel of one network. */
export class ChannelTakenError extends EffectsError {
  constructor(id: number) {
    super(
      "ERR_CHANNEL_TAKEN",
      `expected one protocol on channel ${id}, got a second one; give each protocol its own number`
    );
  }
}

/** When this is thrown, a name that must be unique is in use. */
export class NameTakenError extends EffectsError {
  constructor(what: string, name: string) {
    super(
      "ERR_NAME_TAKEN",
      `expected a ${what} of a new name, got ${JSON.stringify(
        name
      )}, which is in use; leave with the first, or choose another`
    );
  }
}

/** When this is thrown, a string was used as the name of a log that cannot be one. */
export class InvalidLogNameError extends EffectsError {
  constructor(name: string) {
    super(
      "ERR_INVALID_LOG_NAME",
      `expected a log name of 1 to 64 letters, digits and "-", got ${JSON.stringify(name.slice(0, 80))}`
    );
  }
}

/** When this is thrown, code asked for an effect and nobody around answers it. */
export class UnhandledEffectError extends EffectsError {
  /** The name of the effect. */
  readonly effect: string;

  constructor(effect: string, asking: string, remedy: string) {
    super(
      "ERR_UNHANDLED_EFFECT",
      `expected a handler of the effect "${effect}" around ${asking}, got none; ` +
        `put ${remedy} around the code that asks`
    );
    this.effect = effect;
  }
}

/**
 * When this is thrown, an asynchronous body was run with handlers on a platform that cannot follow it behind an
 * `await`.
 */
export class AsyncBodyError extends EffectsError {
  constructor() {
    super(
      "ERR_ASYNC_BODY",
      "expected a synchronous body, got one that returned a promise; this platform has no AsyncLocalStorage, so " +
        "handlers would be lost at the first await: ask for effects before it, or hand the answers on as values"
    );
  }
}

/** When this is thrown, a clock that is not a mock was to be set. */
export class NotMockError extends EffectsError {
  constructor(method: string) {
    super("ERR_NOT_MOCK", `expected ${method} on a mock clock, got a real one; make it with new TimeHandler("mock")`);
  }
}

/** When this is thrown, a mock clock was to travel to an instant that it did not record. */
export class UnknownInstantError extends EffectsError {
  constructor() {
    super("ERR_UNKNOWN_INSTANT", "expected an instant that record() of this very clock returned, got another");
  }
}

/** When this is thrown, a secret is not where it was looked for, or is empty. Its name is told, never a value. */
export class SecretMissingError extends EffectsError {
  constructor(name: string, reason = "none") {
    super(
      "ERR_SECRET_MISSING",
      `expected a secret ${JSON.stringify(name)} that is not empty, got ${reason}; set it where the SecretsHandler looks`
    );
  }
}

/** What was thrown, in words. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * When this is handed over, a file of a log is not what was written: bit rot, or somebody changed it. Nothing was cut.
 */
export class LogDamagedError extends EffectsError {
  /** The file. */
  readonly file: string;
  /** Where in it, in bytes. */
  readonly offset: number;

  constructor(file: string, offset: number, what: string, options?: ErrorOptions) {
    super(
      "ERR_LOG_DAMAGED",
      `${file} is damaged at byte ${offset}: ${what}. Restore the folder from a copy made while the node was stopped, ` +
        "or retire this node and add a new one under a new name. Do not just delete the folder: a node that forgets " +
        "what it said may contradict itself",
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

/** When this is handed over, another process (or another disk of this one) has the folder open. */
export class DiskLockedError extends EffectsError {
  /** The process that has it. */
  readonly pid: number;

  constructor(file: string, pid: number) {
    const who = pid === process.pid ? "another disk of this process" : `process ${pid}`;
    super(
      "ERR_DISK_LOCKED",
      `${who} (pid ${pid}) has the folder open, says ${file}; stop it, or give this node a folder of its own`
    );
    this.pid = pid;
  }
}

/**
 * When this is handed over, the file system refused: no permission, no space, no such place. `cause` is what it said.
 */
export class DiskPathError extends EffectsError {
  /** The path that it is about. */
  readonly path: string;

  constructor(doing: string, path: string, cause: unknown) {
    super(
      "ERR_DISK_PATH",
      `could not ${doing} ${path}: ${cause instanceof Error ? cause.message : String(cause)}; ${advice(cause)}`,
      { cause }
    );
    this.path = path;
  }
}

/** When this is thrown, a record or a chunk is larger than the log takes. */
export class RecordTooLargeError extends EffectsError {
  constructor(what: string, bytesMax: number, bytes: number) {
    super(
      "ERR_RECORD_TOO_LARGE",
      `expected a ${what} of at most ${bytesMax} bytes, got ${bytes}; cut it into smaller ones`
    );
  }
}

/** When this is handed over, more jobs wait for a thread than the pool lets wait. */
export class ComputeBusyError extends EffectsError {
  constructor(job: string, jobsMax: number) {
    super(
      "ERR_COMPUTE_BUSY",
      `expected at most ${jobsMax} jobs to wait for a thread, got one more, ${JSON.stringify(job)}; ` +
        "try it again later, or give the pool more threads"
    );
  }
}

function advice(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "let the user that runs this node own the folder, or choose another one";
    case "ENOSPC":
    case "EDQUOT":
      return "make space on the disk, then restart the node";
    case "EROFS":
      return "mount the file system for writing, or choose another folder";
    case "ENOTDIR":
    case "EEXIST":
      return "a file stands where a folder is needed: move it away, or choose another folder";
    default:
      return "see that the path is on a working disk, then restart the node";
  }
}

/** When this is thrown, two effects were defined under one key: rows and handlers could not tell them apart. */
export class EffectKeyTakenError extends EffectsError {
  constructor(key: string) {
    super(
      "ERR_EFFECT_KEY_TAKEN",
      `expected one effect "${key}", got two; define it once`,
    );
  }
}

/** When this is thrown, an effect was performed with `yield*` where no fiber runs. */
export class OutsideFiberError extends EffectsError {
  constructor() {
    super("ERR_OUTSIDE_FIBER", "expected yield* in a fiber, got it outside; use run");
  }
}

/** When this is thrown into a program, it yielded something itself; only `yield*` of a program means something. */
export class StrayYieldError extends EffectsError {
  constructor() {
    super("ERR_STRAY_YIELD", "expected yield* of a program, got a yield");
  }
}

/** When this is thrown, what a fiber waited for was answered a second time. */
export class ResumedTwiceError extends EffectsError {
  constructor() {
    super("ERR_RESUMED_TWICE", "expected one answer, got a second");
  }
}

/** When this is thrown, a program given to `runSync` had to wait. It has been cancelled. */
export class SuspendedError extends EffectsError {
  constructor() {
    super("ERR_SUSPENDED", "expected a program that never waits, got one; use run");
  }
}

/** When this is thrown, what was waited for is a fiber that was cancelled. */
export class FiberCancelledError extends EffectsError {
  constructor() {
    super("ERR_FIBER_CANCELLED", "expected a result, got a cancellation");
  }
}

/**
 * When this is thrown, several things failed at the end of one fiber: its program or a child of it, and finalisers.
 * `cause` is the first.
 */
export class FinalizersFailedError extends EffectsError {
  /** All that failed, in the order in which it happened. */
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super("ERR_FINALIZERS_FAILED", `${errors.length} failures at a fiber's end; see errors`, { cause: errors[0] });
    this.errors = errors;
  }
}

/** What is thrown for one failure or several. */
export function failureOf(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  // One of several is itself one of them.
  return new FinalizersFailedError(errors.flatMap((error) => (error instanceof FinalizersFailedError ? error.errors : [error])));
}

/** When this is thrown, a program did not end within its time. It has been cancelled. */
export class EffectTimeoutError extends EffectsError {
  constructor(timeoutMs: number) {
    super("ERR_EFFECT_TIMEOUT", `expected an end within ${timeoutMs} ms, got none; cancelled`);
  }
}
