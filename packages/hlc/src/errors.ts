/**
 * Base class of this package's errors. `code` is stable. `message` says what was expected, what was got and what to do.
 */
export class HLCError extends Error {
  /** Stable identifier of the error, for programs. */
  readonly code: string;

  /**
   * @param code - Stable identifier of the error.
   * @param expected - Description of the expected value.
   * @param got - The value that was got. Text and numbers are shown, truncated; other values by their kind or length.
   */
  constructor(code: string, expected: string, got: unknown, options?: ErrorOptions) {
    super(`expected ${expected}; got ${describe(got)}`, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, an option or argument is unknown, of a wrong kind, or out of range. */
export class InvalidOptionError extends HLCError {
  constructor(name: string, expected: string, got: unknown) {
    super("ERR_HLC_INVALID_OPTION", `${name} to be ${expected}`, got);
  }
}

/** When this is thrown, the bytes, string or fields given as a timestamp are not one. */
export class InvalidTimestampError extends HLCError {
  constructor(expected: string, got: unknown) {
    super("ERR_HLC_INVALID_TIMESTAMP", expected, got);
  }
}

/** When this is thrown, the physical clock returned something that is not a time since 1970. */
export class ClockReadError extends HLCError {
  constructor(got: unknown) {
    super("ERR_HLC_CLOCK_READ", "wallMs to return milliseconds in 0..2^48-1", got);
  }
}

/**
 * When this is thrown, a stamp would have been further ahead of this node's physical clock than is allowed. The clock
 * is unchanged.
 */
export class ClockDriftError extends HLCError {
  /**
   * Cause of the refusal. `remote`: a received stamp would have pulled the clock ahead. `own`: the clock itself is
   * ahead, because its physical clock went back or stood still. `write`: a write would win for too long.
   */
  readonly origin: "remote" | "own" | "write";
  /** Distance of the refused stamp ahead of the physical clock, in milliseconds. */
  readonly aheadMs: number;
  /** Limit that the stamp exceeded, in milliseconds. */
  readonly limitMs: number;

  constructor(origin: "remote" | "own" | "write", aheadMs: number, limitMs: number) {
    const advice =
      origin === "own" ? "wait for the physical clock, call startOver" : "compare both nodes' clocks (NTP)";
    const expected = `${origin} stamps at most ${limitMs} ms ahead of the physical clock: ${advice}, or raise max`;
    const option = { own: "Ahead", remote: "RemoteDrift", write: "WriteAhead" }[origin];
    super("ERR_HLC_CLOCK_DRIFT", `${expected}${option}Ms`, aheadMs);
    this.origin = origin;
    this.aheadMs = aheadMs;
    this.limitMs = limitMs;
  }
}

/**
 * When this is thrown, a stamp from outside carries this node's own name but was not made by it. Another node has the
 * same name, or this one has lost its state in a restart. The clock is unchanged.
 */
export class DuplicateNodeError extends HLCError {
  constructor(stamp: unknown) {
    const expected = "no other node of this name, and restoredUpToMs after a restart without startOver";
    super("ERR_HLC_DUPLICATE_NODE", expected, String(stamp));
  }
}

/** When this is thrown, the bytes given as a register are not one, or a value cannot be encoded. */
export class InvalidRegisterError extends HLCError {
  constructor(expected: string, got: unknown, options?: ErrorOptions) {
    super("ERR_HLC_INVALID_REGISTER", expected, got, options);
  }
}

/** When this is thrown, a key or value does not fit the store's limits. */
export class InvalidEntryError extends HLCError {
  constructor(expected: string, got: unknown) {
    super("ERR_HLC_INVALID_ENTRY", expected, got);
  }
}

/**
 * When this is thrown, a write was not newer than the versions or the closed time of the store. Nothing was written.
 */
export class WriteConflictError extends HLCError {
  /** The key of the refused write. */
  readonly key: string;

  constructor(key: string, at: unknown, bound: unknown) {
    super("ERR_HLC_WRITE_CONFLICT", `a newer stamp than ${bound}, which is written or closed: read again`, String(at));
    this.key = key;
  }
}

/**
 * When this is thrown, a write would take the store over its `maxBytes`. Nothing was written. Delete or prune to make
 * room.
 */
export class StoreFullError extends HLCError {
  constructor(maxBytes: number, bytes: number) {
    super("ERR_HLC_STORE_FULL", `at most ${maxBytes} bytes in the store: delete and prune`, bytes);
  }
}

/** When this is thrown, a read asked for a time whose versions may have been pruned, so the answer could be wrong. */
export class VersionPrunedError extends HLCError {
  constructor(at: unknown, horizon: unknown) {
    super("ERR_HLC_VERSION_PRUNED", `a read at ${horizon} or later, or at a pin`, String(at));
  }
}

/** When this is thrown, a store without an order was asked for entries in order, or for those of a past time. */
export class UnorderedStoreError extends HLCError {
  constructor(asked: string) {
    super("ERR_HLC_UNORDERED_STORE", "a scan of all entries of now, or a store made with ordered: true", asked);
  }
}

/**
 * When this is thrown, a store without a digest was asked for one, or for a snapshot or a restore, which depend on it.
 */
export class NoDigestError extends HLCError {
  constructor() {
    const expected = "digest to be merkleDigest(hash) of @void-system/hlc, when the store is made";
    super("ERR_HLC_NO_DIGEST", expected, undefined);
  }
}

/** When this is thrown, the chunks given to `restore` are not a snapshot. The store is unchanged. */
export class InvalidSnapshotError extends HLCError {
  constructor(expected: string, got: unknown, options?: ErrorOptions) {
    super("ERR_HLC_INVALID_SNAPSHOT", `a snapshot with ${expected}`, got, options);
  }
}

/** When this is thrown, a saved snapshot has changed since. Take another, or rebuild the state from the log. */
export class DamagedSnapshotError extends HLCError {
  /** Index of the chunk that is missing or changed; undefined for the manifest, which lists the chunks. */
  readonly chunk: number | undefined;

  constructor(chunk: number | undefined, got: unknown) {
    const what = chunk === undefined ? "the manifest" : `chunk ${chunk}`;
    super("ERR_HLC_DAMAGED_SNAPSHOT", `${what} of the snapshot as it was saved: take another, or replay the log`, got);
    this.chunk = chunk;
  }
}

/** When this is thrown, a snapshot was read after its `release`, or a transaction was used after it ended. */
export class ReleasedError extends HLCError {
  constructor(what: "snapshot" | "transaction") {
    super("ERR_HLC_RELEASED", `an open ${what}`, "an ended one");
  }
}

/** Describes a value, short enough for a message. */
function describe(got: unknown): string {
  if (got instanceof Uint8Array) return `${got.length} bytes`;
  if (typeof got === "string") return JSON.stringify(got.slice(0, 80));
  if (got !== Object(got)) return String(got);
  return Array.isArray(got) ? "an array" : `a value of type ${typeof got}`;
}
