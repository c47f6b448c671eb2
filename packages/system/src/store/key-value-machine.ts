/**
 * The key-value store as a deterministic state machine: bundles of commands in, bundles of results out, every write
 * stamped with the agreed time. The same code runs on every replica and in the simulator.
 */
import { HLCTimestamp, HLCVersionStore, LOGICAL_MAX, compareTimestamps, merkleDigest, parseTimestamp } from "@void-system/hlc";
import type { Agreed, Command as LogCommand, Snapshot, StateMachine } from "@void-system/pbft";
import { type Command, type Result, decodeCommands, encodeResults } from "./command.ts";

/** Bytes of the results of one bundle; a bundle whose results do not fit is answered in part, see {@link KeyValueMachine.apply}. */
const RESULTS_BYTES_MAX = 917_504;
/** How long an overwritten value can still be read at its time. */
const HISTORY_MS = 60_000;
/** Versions older than the history are dropped each time so many batches were applied. */
const PRUNE_INTERVAL = 64;
/** What `INCR` counts in: 64 bits, signed, as in Redis. */
const INTEGER_MAX = 2n ** 63n - 1n;
const INTEGER_MIN = -(2n ** 63n);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A store that many replicas hold alike. */
export class KeyValueMachine implements StateMachine {
  readonly #hash: (bytes: Uint8Array) => Uint8Array;
  readonly #store: HLCVersionStore;
  /** The stamp of the newest write; all later ones are greater. */
  #last: HLCTimestamp;

  /** @param hash SHA-256 or as strong: the root must bind the state against writers who choose keys and values. */
  constructor(hash: (bytes: Uint8Array) => Uint8Array) {
    this.#hash = hash;
    this.#store = new HLCVersionStore({ digest: merkleDigest(hash) });
    // From here on the digest is kept up to date write by write: no checkpoint has to read everything.
    this.#store.digest();
    this.#last = new HLCTimestamp(0, 0, "void");
  }

  /**
   * Executes bundles. A bundle is executed command by command until its results would outgrow
   * 917,504 bytes; the commands behind that are not executed, have no result, and are sent again by
   * whoever bundled them. A bundle that cannot be read changes nothing.
   */
  apply(batch: readonly LogCommand[], agreed: Agreed): readonly Uint8Array[] {
    const results = batch.map(({ operation }) => encodeResults(this.#execute(operation, agreed)));
    if (agreed.sequence % PRUNE_INTERVAL === 0) {
      const horizonMs = agreed.time.physicalMs - HISTORY_MS;
      if (horizonMs > 0) this.#store.prune(new HLCTimestamp(horizonMs, 0, agreed.time.nodeId));
    }
    return results;
  }

  /** The newest value of a key on this replica, which may be behind the others. For status pages, not for clients. */
  peek(key: string): Uint8Array | undefined {
    return this.#store.get(key);
  }

  /** What the store holds. */
  stats(): { readonly keys: number; readonly bytes: number } {
    return { keys: this.#store.size, bytes: this.#store.bytes };
  }

  root(): Uint8Array {
    return this.#hash(Buffer.concat([this.#store.digest(), this.#clockBytes()]));
  }

  /** The stamp of the newest write goes first: a deletion leaves no entry behind, and yet later stamps must exceed it. */
  snapshot(): Snapshot {
    const clock = this.#clockBytes();
    const entries = this.#store.snapshot();
    return {
      chunks: entries.chunks + 1,
      chunk: (index) => (index === 0 ? clock : entries.chunk(index - 1)),
      chunkHash: (index) => (index === 0 ? this.#hash(clock) : entries.chunkHash(index - 1)),
      release: () => entries.release(),
    };
  }

  /** The clock's is its own hash; those of the entries are known from the store's digest, so that a checkpoint reads none. */
  chunkHash(chunk: Uint8Array, index: number): Uint8Array {
    return index === 0 ? this.#hash(chunk) : this.#store.chunkHash(chunk);
  }

  restore(chunks: Iterable<Uint8Array>): void {
    const [clock, ...entries] = chunks;
    const last = parseTimestamp(decoder.decode(clock));
    this.#store.restore(entries);
    this.#last = last;
  }

  #clockBytes(): Uint8Array {
    return encoder.encode(this.#last.toString());
  }

  #execute(operation: Uint8Array, agreed: Agreed): readonly Result[] {
    const commands = decodeCommands(operation);
    if (!commands) return [{ type: "error", message: "ERR these bytes are no bundle of commands" }];
    const results: Result[] = [];
    let bytes = 0;
    for (const command of commands) {
      const next = this.#resultBytes(command);
      if (bytes + next > RESULTS_BYTES_MAX) {
        if (results.length === 0) results.push({ type: "error", message: `ERR the values are larger than ${RESULTS_BYTES_MAX} bytes together; ask for fewer keys` });
        break;
      }
      bytes += next;
      results.push(this.#perform(command, agreed));
    }
    return results;
  }

  /** How large the result of a command will be, at most: known before it changes anything. */
  #resultBytes(command: Command): number {
    const valueBytes = (key: string): number => (this.#store.get(key)?.length ?? 0) + 8;
    if (command.op === "get" || (command.op === "set" && command.returnOld)) return valueBytes(command.key);
    if (command.op === "mget") return command.keys.reduce((sum, key) => sum + valueBytes(key), 8);
    return 128;
  }

  #perform(command: Command, agreed: Agreed): Result {
    switch (command.op) {
      case "get":
        return valueOrNil(this.#store.get(command.key));
      case "mget":
        return { type: "values", values: command.keys.map((key) => this.#store.get(key)) };
      case "exists":
        return integer(command.keys.filter((key) => this.#store.get(key) !== undefined).length);
      case "set":
        return this.#set(command, agreed);
      case "mset":
        for (const [key, value] of command.entries) this.#store.put(key, value, this.#stamp(agreed));
        return { type: "ok" };
      case "del":
        return integer(command.keys.filter((key) => this.#delete(key, agreed)).length);
      case "incr":
        return this.#increment(command.key, command.by, agreed);
    }
  }

  #set({ key, value, when, returnOld }: Extract<Command, { op: "set" }>, agreed: Agreed): Result {
    const old = this.#store.get(key);
    const takesPlace = when === "always" || (when === "present") === (old !== undefined);
    if (takesPlace) this.#store.put(key, value, this.#stamp(agreed));
    if (returnOld) return valueOrNil(old);
    return takesPlace ? { type: "ok" } : { type: "nil" };
  }

  #delete(key: string, agreed: Agreed): boolean {
    if (this.#store.get(key) === undefined) return false;
    this.#store.delete(key, this.#stamp(agreed));
    return true;
  }

  #increment(key: string, by: bigint, agreed: Agreed): Result {
    const old = this.#store.get(key);
    const value = old === undefined ? 0n : parseInteger(old);
    if (value === undefined) return { type: "error", message: "ERR value is not an integer or out of range" };
    const sum = value + by;
    if (sum > INTEGER_MAX || sum < INTEGER_MIN) return { type: "error", message: "ERR increment or decrement would overflow" };
    this.#store.put(key, encoder.encode(sum.toString()), this.#stamp(agreed));
    return { type: "integer", value: sum };
  }

  /** The agreed time, or the least stamp after the last one when several writes share a time. */
  #stamp(agreed: Agreed): HLCTimestamp {
    const proposed = new HLCTimestamp(agreed.time.physicalMs, agreed.time.logical, agreed.time.nodeId);
    this.#last = compareTimestamps(proposed, this.#last) > 0 ? proposed : successor(this.#last);
    return this.#last;
  }
}

/** The least stamp of the same node after this one; the counter carries into the milliseconds. */
function successor({ physicalMs, logical, nodeId }: HLCTimestamp): HLCTimestamp {
  return logical < LOGICAL_MAX ? new HLCTimestamp(physicalMs, logical + 1, nodeId) : new HLCTimestamp(physicalMs + 1, 0, nodeId);
}

function valueOrNil(value: Uint8Array | undefined): Result {
  return value === undefined ? { type: "nil" } : { type: "value", value };
}

function integer(count: number): Result {
  return { type: "integer", value: BigInt(count) };
}

/** A value as Redis reads an integer: decimal, no spaces, no leading zeros, within 64 bits. */
function parseInteger(bytes: Uint8Array): bigint | undefined {
  if (bytes.length > 20) return undefined;
  const text = decoder.decode(bytes);
  if (!/^(0|-?[1-9]\d*)$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > INTEGER_MAX || value < INTEGER_MIN ? undefined : value;
}
