/**
 * A small key-value state machine over a version store: the default of `PBFTNode`, and an example of how to write one.
 */
import { HLCVersionStore, InvalidEntryError, merkleDigest, type StoreTransaction } from "@void-system/hlc";
import { Packr } from "msgpackr";
import { decodeAll, MalformedError } from "../src/byte-reader.ts";
import { ByteWriter } from "../src/byte-writer.ts";
import { OperationFailedError } from "../src/errors.ts";
import { OPERATION_BYTES_MAX } from "../src/limits.ts";
import type { OperationCodec } from "../src/operation-codec.ts";
import type { Digest } from "../src/ports.ts";
import type { Agreed, Command, Snapshot, StateMachine } from "../src/state-machine.ts";

/** Anything that msgpack can hold: null, booleans, numbers, strings, bytes, arrays and plain objects of them. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

/** An operation on the store. */
export type KeyValueOperation =
  | {
      /** What to do, or what was done. */
      readonly op: "write";
      /** The key, text of at most 65,535 bytes in UTF-8. */
      readonly key: string;
      /** The value. */
      readonly value: Value;
    }
  | {
      /** What to do, or what was done. */
      readonly op: "read";
      /** The key, text of at most 65,535 bytes in UTF-8. */
      readonly key: string;
    }
  | {
      /** What to do, or what was done. */
      readonly op: "delete";
      /** The key, text of at most 65,535 bytes in UTF-8. */
      readonly key: string;
    };

/** What an operation answers. */
export type KeyValueResult =
  | {
      /** What to do, or what was done. */
      readonly op: "write";
    }
  | {
      /** What to do, or what was done. */
      readonly op: "read";
      /** Whether the key had a value. */
      readonly found: false;
    }
  | {
      /** What to do, or what was done. */
      readonly op: "read";
      /** Whether the key had a value. */
      readonly found: true;
      /** The value. */
      readonly value: Value;
    }
  | {
      /** What to do, or what was done. */
      readonly op: "delete";
      /** Whether the key had a value. */
      readonly existed: boolean;
    };

const OP = { write: 1, read: 2, delete: 3 } as const;
const ANSWER = { written: 1, absent: 2, found: 3, deleted: 4, failed: 255 } as const;
/** How far back the store can be read, in milliseconds of agreed time. */
const HISTORY_MS = 60_000;
/** How often older versions are dropped. */
const PRUNE_EVERY_MS = 10_000;

// No records and no extension types: a value means the same to every reader, whatever it has read before.
const packer = new Packr({ useRecords: false, moreTypes: false, mapsAsObjects: true, variableMapSize: true });
const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Operations and results as bytes. Values are msgpack that only clients read: the state machine keeps them as they are.
 *
 * @example
 * ```ts
 * import { keyValueOperations } from "@void-system/pbft";
 * keyValueOperations.encode({ op: "read", key: "x" }); // => Uint8Array.of(2, 0, 0, 0, 1, 120)
 * ```
 */
export const keyValueOperations: OperationCodec<KeyValueOperation, KeyValueResult> = {
  encode(operation) {
    const writer = new ByteWriter(64).u8(OP[operation.op]).block(utf8.encode(operation.key));
    // msgpackr's own buffer is reused: `raw` copies out of it.
    return operation.op === "write" ? writer.raw(packer.pack(operation.value)).finish() : writer.finish();
  },
  decode(bytes) {
    const rest = bytes.subarray(1);
    switch (bytes[0]) {
      case ANSWER.written:
        return { op: "write" };
      case ANSWER.absent:
        return { op: "read", found: false };
      case ANSWER.found: {
        // It is what a client wrote, and may be no msgpack at all.
        const value: Value = unpack(rest);
        return { op: "read", found: true, value };
      }
      case ANSWER.deleted:
        return { op: "delete", existed: rest[0] === 1 };
      case ANSWER.failed:
        throw new OperationFailedError(new TextDecoder().decode(rest));
      default:
        throw new OperationFailedError("an answer of another version");
    }
  },
};

function unpack(bytes: Uint8Array): Value {
  try {
    return packer.unpack(bytes);
  } catch (cause) {
    throw new OperationFailedError(
      `the stored value is no msgpack: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

/** Keys and values, with the agreed time of each write. */
export class KeyValueMachine implements StateMachine {
  /** What the operations read and write; to be read only. */
  readonly store: HLCVersionStore;
  #prunedMs = 0;

  /** `chunkBytes` bounds a snapshot's chunks, the same on all replicas; the store's default unless given. */
  constructor(digest: Digest, chunkBytes?: number) {
    this.store = new HLCVersionStore({ digest: merkleDigest(digest, chunkBytes === undefined ? {} : { chunkBytes }) });
    // From here on the digest is kept up to date write by write: no checkpoint has to read everything.
    this.store.digest();
  }

  /** One transaction at the agreed time; a malformed operation gets a failed answer and changes nothing. */
  apply(batch: readonly Command[], { time }: Agreed): readonly Uint8Array[] {
    const transaction = this.store.begin(time);
    const answers = batch.map(({ operation }) => answer(transaction, operation));
    transaction.commit();
    if (time.physicalMs - this.#prunedMs >= PRUNE_EVERY_MS) {
      this.#prunedMs = time.physicalMs;
      this.store.prune({ ...time, physicalMs: Math.max(0, time.physicalMs - HISTORY_MS) });
    }
    return answers;
  }

  /** The store's digest. */
  root(): Uint8Array {
    return this.store.digest();
  }

  /** The live state. */
  snapshot(): Snapshot {
    return this.store.snapshot();
  }

  /** The hash that the store's snapshot has for a chunk. */
  chunkHash(chunk: Uint8Array): Uint8Array {
    return this.store.chunkHash(chunk);
  }

  /** Replaces the state; history before it is gone. */
  restore(chunks: Iterable<Uint8Array>): void {
    this.store.restore(chunks);
  }
}

function answer(transaction: StoreTransaction, operation: Uint8Array): Uint8Array {
  const decoded = decodeAll(operation, (reader) => {
    const op = reader.u8();
    const key = readKey(reader.block(OPERATION_BYTES_MAX));
    return { op, key, value: reader.rest() };
  });
  if (!decoded.ok) return failed(decoded.reason);
  const { op, key, value } = decoded.value;
  try {
    if (op === OP.write) {
      transaction.put(key, value);
      return Uint8Array.of(ANSWER.written);
    }
    if (value.length > 0) return failed("bytes left over");
    if (op === OP.delete) return Uint8Array.of(ANSWER.deleted, transaction.delete(key) ? 1 : 0);
    if (op !== OP.read) return failed(`operation ${op}`);
    const found = transaction.get(key);
    return found === undefined
      ? Uint8Array.of(ANSWER.absent)
      : new ByteWriter(1 + found.length).u8(ANSWER.found).raw(found).finish();
  } catch (failure) {
    // The same on every replica: it depends on the key and the value alone.
    if (failure instanceof InvalidEntryError)
      return failed("a key or value that cannot be stored: too long, or no text");
    throw failure;
  }
}

function readKey(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch (cause) {
    throw new MalformedError("a key that is not UTF-8", { cause });
  }
}

function failed(reason: string): Uint8Array {
  const text = utf8.encode(reason);
  return new ByteWriter(1 + text.length).u8(ANSWER.failed).raw(text).finish();
}
