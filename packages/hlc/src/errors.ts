/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class HLCError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, a constructor or method was given an option or argument that cannot work. */
export class InvalidOptionError extends HLCError {
  constructor(name: string, expected: string, got: unknown) {
    super("ERR_HLC_INVALID_OPTION", `expected ${name} to be ${expected}, got ${describe(got)}`);
  }
}

/** When this is thrown, bytes, a string or fields were taken for a timestamp that are none. */
export class InvalidTimestampError extends HLCError {
  constructor(expected: string, got: unknown) {
    super("ERR_HLC_INVALID_TIMESTAMP", `expected ${expected}, got ${describe(got)}`);
  }
}

/** When this is thrown, the physical clock returned something that is no time since 1970. */
export class ClockReadError extends HLCError {
  constructor(got: unknown) {
    super(
      "ERR_HLC_CLOCK_READ",
      `expected the physical clock to return milliseconds in 0..2^48-1, got ${describe(got)}; check wallMs`,
    );
  }
}

/**
 * When this is thrown, a stamp would have stood further ahead of this node's physical clock than is allowed. The
 * clock is as it was before the call.
 */
export class ClockDriftError extends HLCError {
  /**
   * `remote`: a received stamp would have pulled the clock ahead. `own`: the clock itself is ahead, because its
   * physical clock went back or stood still.
   */
  readonly origin: "remote" | "own";
  /** How far ahead the refused stamp was, in milliseconds. */
  readonly aheadMs: number;
  /** How far ahead it might have been, in milliseconds. */
  readonly limitMs: number;

  constructor(origin: "remote" | "own", aheadMs: number, limitMs: number) {
    const advice =
      origin === "remote"
        ? "compare both nodes' clocks (NTP), or raise maxRemoteDriftMs"
        : "the physical clock went back or stands still: wait until it has caught up, or raise maxAheadMs";
    super(
      "ERR_HLC_CLOCK_DRIFT",
      `expected a stamp at most ${limitMs} ms ahead of the physical clock, got ${aheadMs} ms (${origin}); ${advice}`,
    );
    this.origin = origin;
    this.aheadMs = aheadMs;
    this.limitMs = limitMs;
  }
}

/** When this is thrown, bytes were taken for a register that are none, or a value cannot be encoded. */
export class InvalidRegisterError extends HLCError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_HLC_INVALID_REGISTER", message, options);
  }
}

/** When this is thrown, a key or value does not fit the store's limits. */
export class InvalidEntryError extends HLCError {
  constructor(expected: string, got: unknown) {
    super("ERR_HLC_INVALID_ENTRY", `expected ${expected}, got ${describe(got)}`);
  }
}

/** When this is thrown, a write was not newer than what the store already holds or has closed; nothing was written. */
export class WriteConflictError extends HLCError {
  /** The key that was to be written. */
  readonly key: string;

  constructor(key: string, at: string, newest: string, because: "version" | "closed") {
    const what = because === "version" ? "its newest version" : "the time that a prune or an open snapshot has closed";
    super(
      "ERR_HLC_WRITE_CONFLICT",
      `expected a write of ${describe(key)} newer than ${what}, ${newest}, got ${at}; ` +
        "read again and write with a newer stamp",
    );
    this.key = key;
  }
}

/** When this is thrown, a read asked for a time whose versions may be pruned, so no answer would be sure. */
export class VersionPrunedError extends HLCError {
  constructor(at: string, horizon: string) {
    super("ERR_HLC_VERSION_PRUNED", `expected a read at ${horizon} or later, got ${at}; older versions are pruned`);
  }
}

/** When this is thrown, the chunks given to `restore` are no snapshot; the store is as it was. */
export class InvalidSnapshotError extends HLCError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_HLC_INVALID_SNAPSHOT", message, options);
  }
}

/** When this is thrown, a snapshot was read after its `release`, or a transaction was used after its end. */
export class ReleasedError extends HLCError {
  constructor(what: "snapshot" | "transaction") {
    super("ERR_HLC_RELEASED", `expected an open ${what}, got one that has ended; take a new one`);
  }
}

/** What was got, short enough for a message. */
function describe(got: unknown): string {
  if (typeof got === "string") return JSON.stringify(got.length > 80 ? `${got.slice(0, 80)}…` : got);
  if (got instanceof Uint8Array) return `${got.length} bytes`;
  return typeof got === "object" || typeof got === "function" ? typeof got : String(got);
}
