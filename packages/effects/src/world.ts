/**
 * The World: everything a node can touch. It is real (`@void-system/effects/node`) or simulated
 * (`@void-system/simulation`).
 *
 * A world returns no promises, because a simulator cannot know when a promise chain has settled. An operation that takes
 * time takes a callback, which is called at most once. The call always comes from the world's event loop, never from
 * inside the operation, so a core is never re-entered. Promises belong to the packages' public interfaces.
 *
 * A world is one life of a process. After a crash or a stop, calls into it do nothing and its callbacks no longer run,
 * so an earlier life cannot write beside the next one.
 */
import type { BlobAddress, Lsn, PeerId } from "./brand.ts";

/** Cancels a request. Calling it twice, or too late, does nothing. */
export type Cancel = () => void;

/** The time that a core is given with every input. */
export interface Now {
  /** Milliseconds since 1970 by this node's clock, which may jump in both directions. */
  readonly wallMs: number;
  /** Milliseconds that never go back. They start again with each process. */
  readonly monotonicMs: number;
}

/**
 * Clock and timers of a node. The two reads are separate because an object for both would cost more than the reads. The
 * driver makes one {@link Now} per step.
 */
export interface Clock {
  /** Returns milliseconds since 1970 by this node's clock. */
  wallMs(): number;
  /** Returns milliseconds that never go back. */
  monotonicMs(): number;
  /**
   * Calls `wake` once, after `delayMs` or a little later. `Infinity` means never.
   *
   * @throws RangeError when `delayMs` is NaN.
   */
  schedule(delayMs: number, wake: () => void): Cancel;
}

/** Randomness. In the real world it comes from the platform's cryptographic source. */
export interface Random {
  /** Returns `length` random bytes, fit for keys and nonces in the real world. */
  bytes(length: number): Uint8Array;
  /** Returns a number in [0, 1), for jitter and sampling. */
  next(): number;
}

/** Severity of a log line. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Log of a node, for the people who run it. Never log secrets or whole frames. */
export interface Logger {
  /** Logs an event under its stable name, with its fields. */
  log(level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * State of a link. `writable` follows a `full`: the sender may resend. `failed` is the answer to a `dial` that has not
 * brought the link up.
 */
export type LinkState = "up" | "down" | "writable" | "failed";

/**
 * Authenticated, bounded message links. A link keeps the order of its frames while it is up. A frame is lost when the
 * queue is `full` or the link is `down`. Queueing it would not save a protocol from having to resend.
 */
export interface Network {
  /** This node's own name. */
  readonly self: PeerId;
  /**
   * Sends a frame. The network owns `frame` afterwards, so the caller must not change it. The same frame may go to many
   * peers. A frame to `self` comes back through `onFrame` from the event loop, so that two protocols of one node can
   * talk.
   */
  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down";
  /**
   * Calls `handle` with every frame that arrives. Only one handler may be attached at a time. Protocols that share a
   * network each open a `channel`.
   *
   * @throws {@link HandlerTakenError} when a handler is attached already.
   */
  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel;
  /**
   * Calls `handle` for each link that is already up, then for each change, always from the event loop. Any number of
   * handlers may be attached.
   */
  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel;
  /**
   * Tries once to bring up the link to a peer. The result is a link state, `up` or `failed`. Nothing happens if the link
   * is up, or being dialed. A link that goes down later is not dialed again.
   *
   * @param address - Place where the peer listens, in the form of this network. Networks inside one process need none.
   */
  dial(peer: PeerId, address: string): void;
  /**
   * Takes a link down that either end has dialed. Both ends are notified, and frames in flight are lost. Nothing happens
   * to a link that the network keeps on its own account, because its configuration names the peer.
   */
  hangUp(peer: PeerId): void;
}

/**
 * The durable state of one core: the newest checkpoint and the records after it. One sync makes many appends durable
 * (group commit). A torn tail is cut on open. Any other damage is an error.
 *
 * A failed append, sync or checkpoint is fatal. The page cache may lie after a failed fsync, so a retry would prove
 * nothing.
 */
export interface DurableLog {
  /**
   * Adds a record at the next position. The record is durable once a `sync` that began after it has completed. Its bytes
   * are copied before the call returns, so an encoder may reuse its buffer.
   */
  append(record: Uint8Array): void;
  /** Makes everything that was appended before the call durable. */
  sync(done: (failure?: Error) => void): void;
  /** Makes `chunks` the newest checkpoint, atomically, then drops the records up to and including `upTo`. */
  checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>, done: (failure?: Error) => void): void;
}

/** Contents of a log when it was opened. Read the checkpoint's chunks and the records before you write to the log. */
export interface Recovered {
  /** The log, open for writing after the last record. */
  readonly log: DurableLog;
  /**
   * True once in the life of a disk. An empty log does not prove that a node is new, because a node that sent messages
   * and crashed before its first sync has an empty log too. So `open` makes a birth mark durable before it answers.
   */
  readonly fresh: boolean;
  /** The newest checkpoint, if there is one. */
  readonly checkpoint?: {
    /** Position of the last record that it replaces. */
    readonly upTo: Lsn;
    /** Its chunks, in order. */
    readonly chunks: Iterable<Uint8Array>;
  };
  /** The records after the checkpoint, oldest first. The first is at `checkpoint.upTo + 1`, or at 1. */
  readonly records: Iterable<Uint8Array>;
}

/**
 * A set of immutable blobs, each found by the SHA-256 of its bytes. It holds what is too large for a log and named by it,
 * such as the parts of a checkpoint. A caller makes blobs durable first, and then the record that names them.
 */
export interface BlobStore {
  /**
   * Makes a blob durable and reports its address. Equal bytes are stored once. The bytes are not copied, so they must not
   * change until `done` is called. A failed `put` leaves nothing behind, and may be tried again.
   *
   * @throws {@link RecordTooLargeError} for more than `BLOB_BYTES_MAX` bytes.
   */
  put(bytes: Uint8Array, done: (stored: BlobAddress | Error) => void): void;
  /**
   * Reads a blob and compares it with its address. Reports {@link BlobMissingError} for an address that is not stored, and
   * {@link BlobDamagedError} for bytes that have changed. Once that is reported, the next `put` of these bytes replaces
   * the blob. A `put` before does not: it reads nothing, and takes the blob for stored.
   */
  get(address: BlobAddress, done: (found: Uint8Array | Error) => void): void;
  /**
   * Removes blobs. An address that is not stored is skipped. Calls take effect in the order in which they were made, so a
   * later `put` stores the blob again. A crash before `done` may leave any of the blobs in place.
   */
  drop(addresses: Iterable<BlobAddress>, done: (failure?: Error) => void): void;
}

/** A blob store when it was opened. */
export interface OpenedBlobs {
  /** The store, open for writing. */
  readonly blobs: BlobStore;
  /**
   * Addresses of all stored blobs, in ascending order. A crash between a `put` and the record that names its blob leaves
   * a blob that nothing names: drop those.
   */
  readonly addresses: readonly BlobAddress[];
}

/** Named durable logs and blob stores. A log and a blob store may have the same name. */
export interface Disk {
  /** Opens or creates the log `name` (letters, digits, `-`), and calls `done` once, from the event loop. */
  open(name: string, done: (opened: Recovered | Error) => void): void;
  /** Opens or creates the blob store `name` (letters, digits, `-`), and calls `done` once, from the event loop. */
  openBlobs(name: string, done: (opened: OpenedBlobs | Error) => void): void;
}

/**
 * A pure function from bytes to bytes that is expensive enough for another thread. A world may call `run` or import
 * `module` in a thread, so `module` must export the same function under `name`.
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
  /** Absolute URL of the module, as in `import.meta.url`. */
  readonly module: string;
  /** The function itself, for worlds with one thread. It must neither keep nor change `input`. */
  readonly run: (input: Uint8Array) => Uint8Array;
}

/** Runs work that would block the event loop, such as signatures and hashes of large values. */
export interface Compute {
  /**
   * Runs a job over a copy of `input`, and calls `done` once, from the event loop. Jobs may complete in any order. A job
   * that throws, a thread that dies and a full queue are reported as an error.
   */
  run(job: Job, input: Uint8Array, done: (output: Uint8Array | Error) => void): Cancel;
}

/**
 * Everything that a node can touch. Each member is a facet: an object that can also handle the effect of that name. A
 * plain function takes only the facets that it uses, for example `Pick<World, "clock" | "disk">`.
 */
export interface World {
  /** Time and timers. */
  readonly clock: Clock;
  /** Randomness. */
  readonly random: Random;
  /** Links to other nodes. */
  readonly network: Network;
  /** Durable logs. */
  readonly disk: Disk;
  /** Threads for work off the event loop. */
  readonly compute: Compute;
  /** The node's log lines. */
  readonly logger: Logger;
}
