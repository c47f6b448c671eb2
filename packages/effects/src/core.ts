/**
 * A core decides, deterministically, without I/O: `step(input, now) -> outputs`. The driver (`host`) performs the
 * outputs in a {@link World} and keeps the one rule: an output that names `after: lsn` leaves only when the log is
 * durable up to that lsn.
 *
 * Learned from etcd's raft `Ready`, iroh-gossip's `InEvent`/`OutEvent`, and TigerBeetle's state machine.
 */
import type { Lsn, PeerId, Verified } from "./brand.ts";
import type { LinkState, Now } from "./world.ts";

/** What happens to a core. M message, Q request. */
export type Input<M, Q> =
  | {
      /** A message came, from another node or from oneself. */
      readonly type: "message";
      /** Who sent it. */
      readonly from: PeerId;
      /** What it says. */
      readonly message: Verified<M>;
    }
  | {
      /** Somebody asked this node for something. */
      readonly type: "request";
      /** What for. */
      readonly request: Q;
    }
  | {
      /** A timer is due. */
      readonly type: "timer";
      /** Which. */
      readonly name: string;
    }
  | {
      /** A link changed. */
      readonly type: "link";
      /** The other end. */
      readonly peer: PeerId;
      /** What it is now. */
      readonly state: LinkState;
    }
  | {
      /** A checkpoint is durable; its chunks are not read any more. */
      readonly type: "checkpointed";
      /** The one up to here. */
      readonly upTo: Lsn;
    };

/**
 * What a core may do, as data: recorded, compared and replayed without a mock. The driver performs a step's outputs in
 * order, except that those with `after` wait; a crash loses any that still wait. A core may not change anything that it
 * has put out. M message, R record, D delivery.
 */
export type Output<M, R, D> =
  | {
      /**
       * To oneself as well: it comes back as an input, after this step and after its `after`, already verified. So a
       * core
       * counts its own vote only once that vote binds it, by the rule that binds it towards others.
       */
      readonly type: "send";
      /** Whom to. */
      readonly to: PeerId | readonly PeerId[];
      /** What. */
      readonly message: M;
      /** It leaves when the log is durable up to here. */
      readonly after?: Lsn;
    }
  | {
      /**
       * No sync begins for a record alone, only when an output waits for it (or after `Limits.syncIdleMs`): one begun
       * too
       * early delays the one that matters.
       */
      readonly type: "append";
      /** The next position. */
      readonly lsn: Lsn;
      /** What to remember. */
      readonly record: R;
    }
  | {
      /**
       * In sequence, each once in a process's life; after a restart again, from the checkpoint on. The receiver is
       * synchronous: a throw is fatal.
       */
      readonly type: "deliver";
      /** What. */
      readonly value: D;
      /** It is handed over when the log is durable up to here. */
      readonly after?: Lsn;
    }
  | {
      /** One at a time: the next one after the `checkpointed` input. */
      readonly type: "checkpoint";
      /** The last record that it replaces. */
      readonly upTo: Lsn;
      /** Read lazily, up to the `checkpointed` input: what it yields may not change. */
      readonly chunks: Iterable<Uint8Array>;
    }
  | {
      /** One timer per name: setting it again replaces it. A cancelled timer never fires, even if it was due. */
      readonly type: "timer";
      /** Which. */
      readonly name: string;
      /** When, from now, in milliseconds; or never. */
      readonly delayMs: number | "cancel";
    }
  | {
      /** For people and metrics only: nothing may hang on it. */
      readonly type: "report";
      /** Its stable name. */
      readonly event: string;
      /** What it says besides. */
      readonly fields?: Readonly<Record<string, unknown>>;
    };

/**
 * Same inputs, same outputs, on every machine: the whole contract. M message, Q request, R record, D delivery. A core
 * that needs chance takes a seed, drawn once from `World.random`, in its constructor. Never re-entered.
 */
export interface Core<M, Q, R, D> {
  /**
   * Rebuild: once `restore` if there is a checkpoint, then `recover` per record, oldest first, then `start`. No
   * outputs before `start`.
   */
  restore(upTo: Lsn, chunks: Iterable<Uint8Array>): void;
  /** One record that was durable when the process ended. */
  recover(lsn: Lsn, record: R): void;
  /**
   * The first step. A core that is not `fresh` (see {@link Recovered}) may have said things that it does not remember.
   */
  start(fresh: boolean, now: Now): readonly Output<M, R, D>[];
  /** One input, and what follows from it. */
  step(input: Input<M, Q>, now: Now): readonly Output<M, R, D>[];
}

/**
 * Bytes at the edge, objects inside. Sealing works on bytes, so encoding and authentication are one thing. `open` is
 * total: it calls `accept` with a message, or `reject`, exactly once, at once or later; the driver keeps the order of
 * each peer's messages and bounds how many are pending. Signed messages that a core keeps as proof carry their signed
 * bytes in M.
 */
export interface Wire<M> {
  /** One frame for all of `to`. */
  seal(message: M, to: readonly PeerId[]): Uint8Array;
  /** Checks and decodes a frame. */
  open(from: PeerId, frame: Uint8Array, accept: (message: Verified<M>) => void, reject: (reason: string) => void): void;
}

/** Everything that can grow in a driver has a bound. */
export interface Limits {
  /**
   * Outputs that wait for the log. More is fatal: a core that outruns its disk this far is broken. @defaultValue
   * 100_000
   */
  readonly heldOutputs: number;
  /**
   * Frames per peer whose `open` has not answered. Further frames of that peer are dropped and counted. @defaultValue
   * 1_024
   */
  readonly pendingOpens: number;
  /**
   * Requests that were submitted and wait for a turn, of which each takes up to 256. Beyond it `submit` says `busy`.
   * @defaultValue 10_000
   */
  readonly pendingRequests: number;
  /** Bytes appended and not yet synced; above it a sync begins unasked. @defaultValue 8 MiB */
  readonly unsyncedBytes: number;
  /** How long a record may lie unsynced when nothing waits for it. @defaultValue 50 */
  readonly syncIdleMs: number;
}

/** A core at work. Q is its request. */
export interface Running<Q> {
  /** Back-pressure stands here, at the way in, and nowhere else. `busy`: the caller waits or tells its client. */
  submit(request: Q): "accepted" | "busy" | "stopped";
  /**
   * Lets held outputs out, syncs, cancels timers; after `deadlineMs` it stops as a crash would, which must be safe
   * anyway.
   */
  stop(deadlineMs: number, done: () => void): void;
  /** Counters the driver keeps: steps, sends, losses by cause, syncs, held, pending. */
  stats(): Readonly<Record<string, number>>;
}
