/**
 * The application, as the log sees it: bytes in, bytes out, deterministic and synchronous, because it runs inside the
 * core and so inside the simulator.
 */
import type { PeerId } from "@void-system/effects";

/** One operation of a batch, with the client that signed it. */
export interface Command {
  /** Client that signed it. */
  readonly client: PeerId;
  /** Operation, as the client encoded it. */
  readonly operation: Uint8Array;
}

/** A timestamp of the shape that hybrid logical clocks use. */
export interface Timestamp {
  /** Milliseconds since 1970. */
  readonly physicalMs: number;
  /** Counter within the millisecond. */
  readonly logical: number;
  /** The replica that proposed the time. */
  readonly nodeId: string;
}

/** Values that all replicas agree on besides the operations. */
export interface Agreed {
  /** The batch's place in the log. */
  readonly sequence: number;
  /** Strictly increasing from batch to batch. */
  readonly time: Timestamp;
  /**
   * 32 bytes, the same on every replica. The primary can influence them: fit for spreading, not for secrets or
   * lotteries.
   */
  readonly random: Uint8Array;
}

/** A state at one moment, in chunks of at most `CHUNK_BYTES_MAX` bytes. */
export interface Snapshot {
  /** Number of chunks. */
  readonly chunks: number;
  /** The same bytes each time, whatever was applied since. */
  chunk(index: number): Uint8Array;
  /**
   * Returns what {@link StateMachine.chunkHash} says of a chunk, found without making it: then a checkpoint costs what has changed,
   * not what there is. Give both, or neither.
   */
  chunkHash?(index: number): Uint8Array;
  /** It will not be read any more. */
  release(): void;
}

/** A deterministic state machine (Schneider 1990). */
export interface StateMachine {
  /**
   * Applies one batch at one agreed time; one result for each command. Throw `DeterministicFailure` when the
   * batch fails alike everywhere and changed nothing; any other throw stops the replica.
   */
  apply(batch: readonly Command[], agreed: Agreed): readonly Uint8Array[];
  /** A digest of the state, at most `ROOT_BYTES_MAX` bytes; equal states have equal roots. */
  root(): Uint8Array;
  /** Equal states have equal chunks, also after `restore`: replicas certify their hashes. */
  snapshot(): Snapshot;
  /**
   * A hash of 32 bytes that binds a chunk as SHA-256 of it would: replicas certify it instead, and compare it when a chunk
   * comes from another. Bytes that are no chunk have another hash, or a throw: they may come from a liar.
   */
  chunkHash?(chunk: Uint8Array, index: number): Uint8Array;
  /** Replaces the whole state. */
  restore(chunks: Iterable<Uint8Array>): void;
}
