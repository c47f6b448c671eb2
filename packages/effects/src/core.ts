/**
 * A core decides without I/O and deterministically: `step(input, now) -> outputs`. The driver (`host`) performs the
 * outputs in a {@link World}. It keeps one rule: an output that names `after: lsn` leaves only once the log is durable
 * up to that position.
 *
 * The design follows etcd's raft `Ready`, iroh-gossip's `InEvent`/`OutEvent` and TigerBeetle's state machine.
 */
import type { Lsn, PeerId, Verified } from "./brand.ts";
import type { LinkState, Now } from "./world.ts";

/**
 * An event that a core reacts to.
 *
 * @typeParam M - The protocol's messages.
 * @typeParam Q - The requests of this node's own program.
 */
export type Input<M, Q> =
  | {
      readonly type: "message";
      /** The sender, which may be this node itself. */
      readonly from: PeerId;
      /** The message, checked by the {@link Wire}. */
      readonly message: Verified<M>;
    }
  | {
      readonly type: "request";
      /** The value that was given to {@link Running.submit}. */
      readonly request: Q;
    }
  | {
      readonly type: "timer";
      /** The name under which the timer was set. */
      readonly name: string;
    }
  | {
      readonly type: "link";
      /** The node at the other end of the link. */
      readonly peer: PeerId;
      /** The link's new state. */
      readonly state: LinkState;
    }
  | {
      readonly type: "checkpointed";
      /** Position of the checkpoint, which is durable now. Its chunks are no longer read. */
      readonly upTo: Lsn;
    };

/**
 * An action of a core, as data, so it can be recorded, compared and replayed without a mock. The driver performs a
 * step's outputs in order, except that those with `after` wait. A crash loses the outputs that still wait. A core must
 * not change a value after it has put it out.
 *
 * - `send` may name this node itself. The message then comes back as an input, already verified, after the step and
 *   after its `after`. So a core counts its own vote only once that vote binds it, by the same rule as towards others.
 * - `dial` and `hang-up` act on the network at once, in their place among the sends that do not wait.
 * - `append` alone begins no sync. A sync begins when an output waits for the record, or after `Limits.syncIdleMs`,
 *   because a sync that begins too early delays the one that matters.
 * - `deliver` hands over values in sequence, each once in a process's life. After a restart, deliveries repeat from the
 *   checkpoint on. The receiver is synchronous, and a throw is fatal.
 * - `checkpoint` may be put out again only after the `checkpointed` input.
 * - `timer` replaces the timer of the same name. A cancelled timer never fires, even if it was due.
 * - `report` goes to the log, for people and metrics. No behaviour may depend on it.
 *
 * @typeParam M - The protocol's messages.
 * @typeParam R - The records of its log.
 * @typeParam D - The values that it delivers.
 */
export type Output<M, R, D> =
  | {
      readonly type: "send";
      /** The receivers. */
      readonly to: PeerId | readonly PeerId[];
      /** The message, which the {@link Wire} seals. */
      readonly message: M;
      /** Log position that must be durable before the message leaves. */
      readonly after?: Lsn;
    }
  | {
      readonly type: "dial";
      /** The peer, whose link comes up or fails: see `Network.dial`. */
      readonly peer: PeerId;
      /** Place where it listens. */
      readonly address: string;
    }
  | {
      readonly type: "hang-up";
      /** The peer whose link is to go down: see `Network.hangUp`. */
      readonly peer: PeerId;
    }
  | {
      readonly type: "append";
      /** The next position of the log. */
      readonly lsn: Lsn;
      /** The record, which `HostParts.records` encodes. */
      readonly record: R;
    }
  | {
      readonly type: "deliver";
      /** The value for `HostParts.deliver`. */
      readonly value: D;
      /** Log position that must be durable before the value is handed over. */
      readonly after?: Lsn;
    }
  | {
      readonly type: "checkpoint";
      /** Position of the last record that it replaces. */
      readonly upTo: Lsn;
      /** Chunks of the state. They are read lazily until the `checkpointed` input, so they must not change until then. */
      readonly chunks: Iterable<Uint8Array>;
    }
  | {
      readonly type: "timer";
      /** The timer's name. */
      readonly name: string;
      /** Delay from now in milliseconds, or `"cancel"`. */
      readonly delayMs: number | "cancel";
    }
  | {
      readonly type: "report";
      /** The event's stable name. */
      readonly event: string;
      /** Details of the event. */
      readonly fields?: Readonly<Record<string, unknown>>;
    };

/**
 * A deterministic protocol: the same inputs give the same outputs on every machine. A core that needs randomness takes a
 * seed in its constructor, drawn once from `World.random`. The driver never re-enters a core.
 *
 * @typeParam M - The protocol's messages.
 * @typeParam Q - The requests of this node's own program.
 * @typeParam R - The records of its log.
 * @typeParam D - The values that it delivers.
 */
export interface Core<M, Q, R, D> {
  /**
   * Loads the newest checkpoint. The driver calls it first, and only if there is one. Then it calls `recover` for each
   * record and `start` once. There are no outputs before `start`.
   */
  restore(upTo: Lsn, chunks: Iterable<Uint8Array>): void;
  /** Replays one record that was durable when the process ended. The records come oldest first. */
  recover(lsn: Lsn, record: R): void;
  /**
   * Makes the first step. A core that is not `fresh` (see {@link Recovered}) may have sent messages that it does not
   * remember.
   */
  start(fresh: boolean, now: Now): readonly Output<M, R, D>[];
  /** Takes one input, and returns the outputs that follow from it. */
  step(input: Input<M, Q>, now: Now): readonly Output<M, R, D>[];
}

/**
 * Turns messages into authenticated frames and back. Authentication covers bytes, so one object does both the encoding
 * and the authentication. A core that keeps signed messages as proof carries their signed bytes in M.
 */
export interface Wire<M> {
  /** Encodes and authenticates a message, as one frame for all of `to`. */
  seal(message: M, to: readonly PeerId[]): Uint8Array;
  /**
   * Checks and decodes a frame. It must call either `accept` or `reject`, exactly once, at once or later, and must not
   * throw. The driver keeps the order of each peer's messages and bounds the number that are pending.
   */
  open(from: PeerId, frame: Uint8Array, accept: (message: Verified<M>) => void, reject: (reason: string) => void): void;
}

/** Bounds of a driver. Everything that can grow in a driver has one. */
export interface Limits {
  /**
   * Most outputs that may wait for the log. One more is fatal, because a core that outruns its disk this far is broken.
   *
   * @defaultValue 100_000
   */
  readonly heldOutputs: number;
  /**
   * Most frames of one peer that may wait for `Wire.open`. Further frames of that peer are dropped and counted.
   *
   * @defaultValue 1_024
   */
  readonly pendingOpens: number;
  /**
   * Most requests that may wait to be stepped. When they are exceeded, `submit` returns `"busy"`. A turn of the event
   * loop steps up to 256 of them.
   *
   * @defaultValue 10_000
   */
  readonly pendingRequests: number;
  /** Bytes appended and not yet synced that start a sync on their own. @defaultValue 8 MiB */
  readonly unsyncedBytes: number;
  /** Longest time that a record stays unsynced when no output waits for it. @defaultValue 50 */
  readonly syncIdleMs: number;
}

/**
 * A core under its driver.
 *
 * @typeParam Q - The requests of this node's own program.
 */
export interface Running<Q> {
  /**
   * Queues a request for the core. This is the only place with back-pressure: on `"busy"` the caller waits, or reports
   * it to its client.
   */
  submit(request: Q): "accepted" | "busy" | "stopped";
  /**
   * Takes no further input, cancels timers, releases held outputs, syncs, and then calls `done`. After `deadlineMs` the
   * driver stops as in a crash, which must be safe anyway.
   */
  stop(deadlineMs: number, done: () => void): void;
  /** Returns the driver's counters, which `host` lists. */
  stats(): Readonly<Record<string, number>>;
}
