/**
 * A key-value machine for the tests: a Map, whose snapshots come in many small chunks and know their hashes. Each entry
 * keeps the agreed time of its write, so that replicas that disagree on a time have different roots.
 */
import { digest } from "@void-system/crypto";
import {
  OperationFailedError,
  type Agreed,
  type Command,
  type OperationCodec,
  type Snapshot,
  type StateMachine,
  type Timestamp,
} from "../../src/index.ts";

export type KeyValueOperation =
  | { readonly op: "write"; readonly key: string; readonly value: unknown }
  | { readonly op: "read"; readonly key: string }
  | { readonly op: "delete"; readonly key: string };

export type KeyValueResult =
  | { readonly op: "write" }
  | { readonly op: "read"; readonly found: false }
  | { readonly op: "read"; readonly found: true; readonly value: unknown }
  | { readonly op: "delete"; readonly existed: boolean };

interface Entry {
  readonly value: unknown;
  readonly time: Timestamp;
}

const KEY_CHARACTERS_MAX = 1_024;
const CHUNK_CHARACTERS_MAX = 1_024;
/** Keeps the hash of a chunk apart from the one that pbft makes where a machine has none. */
const CHUNK_TAG = 0xcc;

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** Operations and results as JSON. */
export const keyValueOperations: OperationCodec<KeyValueOperation, KeyValueResult> = {
  encode,
  decode(bytes) {
    const result = decode(bytes) as KeyValueResult | { readonly op: "failed"; readonly reason: string };
    if (result.op === "failed") throw new OperationFailedError(result.reason);
    return result;
  },
};

/** Returns the operation in bytes that any client may have made, or undefined if there is none. */
export function operationIn(bytes: Uint8Array): KeyValueOperation | undefined {
  try {
    const { op, key, value } = decode(bytes) as { readonly op?: unknown; readonly key?: unknown; readonly value?: unknown };
    if (typeof key !== "string" || key.length > KEY_CHARACTERS_MAX) return undefined;
    if (op === "write") return { op, key, value };
    return op === "read" || op === "delete" ? { op, key } : undefined;
  } catch {
    return undefined;
  }
}

export class KeyValueMachine implements StateMachine {
  readonly entries: Map<string, Entry> = new Map();

  apply(batch: readonly Command[], { time }: Agreed): readonly Uint8Array[] {
    return batch.map(({ operation }) => encode(this.#perform(operationIn(operation), time)));
  }

  root(): Uint8Array {
    return digest(encode(this.#sorted()));
  }

  snapshot(): Snapshot {
    const chunks: string[][] = [];
    let room = 0;
    for (const entry of this.#sorted()) {
      const text = JSON.stringify(entry);
      if (text.length > room) {
        chunks.push([]);
        room = CHUNK_CHARACTERS_MAX;
      }
      chunks.at(-1)?.push(text);
      room -= text.length;
    }
    const bytes = chunks.map((texts) => new TextEncoder().encode(`[${texts.join()}]`));
    return {
      chunks: bytes.length,
      chunk: (index) => bytes[index]!,
      chunkHash: (index) => this.chunkHash(bytes[index]!),
      release() {},
    };
  }

  chunkHash(chunk: Uint8Array): Uint8Array {
    return digest(Uint8Array.of(CHUNK_TAG, ...chunk));
  }

  restore(chunks: Iterable<Uint8Array>): void {
    this.entries.clear();
    for (const chunk of chunks)
      for (const [key, entry] of decode(chunk) as readonly (readonly [string, Entry])[]) this.entries.set(key, entry);
  }

  #perform(operation: KeyValueOperation | undefined, time: Timestamp): unknown {
    switch (operation?.op) {
      case "write":
        this.entries.set(operation.key, { value: operation.value, time });
        return { op: "write" };
      case "read": {
        const found = this.entries.get(operation.key);
        return found === undefined ? { op: "read", found: false } : { op: "read", found: true, value: found.value };
      }
      case "delete":
        return { op: "delete", existed: this.entries.delete(operation.key) };
      case undefined:
        return { op: "failed", reason: "these bytes are no operation" };
    }
  }

  #sorted(): readonly (readonly [string, Entry])[] {
    return [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
