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
