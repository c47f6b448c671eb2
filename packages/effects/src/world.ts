/**
 * The World: everything a node can touch. It is real (`effects/node`) or simulated (`effects/simulation`).
 *
 * A world holds no promises: a simulator cannot know when a promise chain has come to rest. What takes time takes a
 * callback, called at most once and always from the world's event loop, never from inside the call that asked (so a
 * core is never re-entered). Promises belong to the packages' public faces.
 *
 * A world is one life of a process: once it has crashed or stopped, calls into it do nothing and none of its callbacks
 * runs, so nothing of an earlier life writes beside the next.
 */
import type { Lsn, PeerId } from "./brand.ts";

/** Takes back what was asked; calling it twice, or too late, does nothing. */
export type Cancel = () => void;

/** What a core is told of time with every input. */
export interface Now {
  /** Milliseconds since 1970 by this node's clock. It may jump in both directions. */
  readonly wallMs: number;
  /** Milliseconds that never go back, and start anew with the process. */
  readonly monotonicMs: number;
}

/**
 * Time. Two plain reads, not one object: an object costs more than the clock itself. The driver makes a {@link Now}
 * once per step.
 */
export interface Clock {
  /** Milliseconds since 1970 by this node's clock. */
  wallMs(): number;
  /** Milliseconds that never go back. */
  monotonicMs(): number;
  /**
   * Calls `wake` once, `delayMs` from now or later; never, when that is Infinity.
   *
   * @throws RangeError when it is no number.
   */
  schedule(delayMs: number, wake: () => void): Cancel;
}

/** Chance. In the real world both come from the platform's cryptographic source. */
export interface Random {
  /** `length` random bytes, fit for keys and nonces. */
  bytes(length: number): Uint8Array;
  /** A number in [0, 1), for jitter and sampling. */
  next(): number;
}

/** How much a line of the log matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where a node tells people what it does. Never a secret, never whole frames. */
export interface Logger {
  /** One event by its stable name, with its fields. */
  log(level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** `writable` follows a `full`: time to resend. */
export type LinkState = "up" | "down" | "writable";

/**
 * Authenticated, bounded message links, in order while a link is up. A frame that does not fit (`full`) or finds no
 * link (`down`) is lost: every protocol must resend anyway, and one way to lose is enough.
 */
export interface Network {
  /** This node's own name. */
  readonly self: PeerId;
  /**
   * The network owns `frame` from here on, and nobody may change it: the same frame may go to many peers. A frame to
   * `self` comes back through `onFrame` from the event loop, like any other, so that two protocols of one node can
   * talk.
   */
  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down";
  /**
   * Hands over every frame that arrives. One handler at a time, a second one throws `HandlerTakenError`: several
   * protocols share a network by `channel`.
   */
  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel;
  /** Told at once (from the event loop) of links that are already up, then of each change. Any number of handlers. */
  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel;
}

/**
 * The durable state of one core: the newest checkpoint, and the records after it. Group commit: many appends, one
 * sync. Torn tails are cut on open, other damage is an error. A failed append, sync or checkpoint is fatal: the node
 * stops (after a failed fsync the page cache lies, so a retry proves nothing).
 */
export interface DurableLog {
  /**
   * Adds a record at the next position. Not durable before a `sync` that began after it is done. The bytes are copied
   * before it returns, so an encoder may use its buffer again.
   */
  append(record: Uint8Array): void;
  /** Covers what was appended before the call. */
  sync(done: (failure?: Error) => void): void;
  /** Makes `chunks` the newest checkpoint, atomically, then drops the records up to and including `upTo`. */
  checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>, done: (failure?: Error) => void): void;
}

/** What `Disk.open` found. The checkpoint's chunks and the records are to be read before the log is written to. */
export interface Recovered {
  /** The log, open for writing after the last record. */
  readonly log: DurableLog;
  /**
   * True once in the life of a disk. `open` makes a birth mark durable before it answers, because an empty log proves
   * nothing: whoever spoke and crashed before its first sync has an empty log too.
   */
  readonly fresh: boolean;
  /** The newest checkpoint, if there is one. */
  readonly checkpoint?: {
    /** The last record that it replaces. */
    readonly upTo: Lsn;
    /** Its chunks, in order. */
    readonly chunks: Iterable<Uint8Array>;
  };
  /** The records after the checkpoint, oldest first; the first stands at `checkpoint.upTo + 1`, or at 1. */
  readonly records: Iterable<Uint8Array>;
}

/** Named durable logs. */
export interface Disk {
  /** Opens or creates the log `name` (letters, digits, `-`); answers once, from the event loop. */
  open(name: string, done: (opened: Recovered | Error) => void): void;
}

/**
 * A pure function from bytes to bytes that is worth another thread. `module` is what a thread imports, so `run` must be
 * what that module exports under `name`: a world is free to use either.
 *
 * @example
 * ```ts
 * import type { Job } from "@void-system/effects";
 * // In a module of its own, which exports `doubled`:
 * const doubled = (input: Uint8Array): Uint8Array => input.map((byte) => byte * 2);
 * const job: Job = { name: "doubled", module: import.meta.url, run: doubled };
 * job.run(Uint8Array.of(4)); // => Uint8Array.of(8)
 * ```
 */
export interface Job {
  /** The name under which `module` exports the function. */
  readonly name: string;
  /** Absolute URL of the module, as `import.meta.url` gives it. */
  readonly module: string;
  /** The function itself, for worlds of one thread. It neither keeps nor changes `input`. */
  readonly run: (input: Uint8Array) => Uint8Array;
}

/** Work that would hold up the event loop: signatures, hashes of large values. */
export interface Compute {
  /**
   * Runs a job over a copy of `input` and answers once, from the event loop, in whatever order jobs end. A job that
   * throws, a thread that dies, and a queue that is full answer with an error.
   */
  run(job: Job, input: Uint8Array, done: (output: Uint8Array | Error) => void): Cancel;
}

/**
 * The world is the evidence for the effects: each facet is the handler of the effect of that name. A plain function
 * asks for what it uses: `Pick<World, "clock" | "disk">`.
 */
export interface World {
  /** Time. */
  readonly clock: Clock;
  /** Chance. */
  readonly random: Random;
  /** Links to other nodes. */
  readonly network: Network;
  /** Durable logs. */
  readonly disk: Disk;
  /** Work off the event loop. */
  readonly compute: Compute;
  /** What people are told. */
  readonly logger: Logger;
}
