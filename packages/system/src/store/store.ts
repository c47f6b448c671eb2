/**
 * The replicated store as programs see it, wherever they run: beside a node, or as a client of the cluster.
 */
import { type Clauses, type Eff, type Effect, effect } from "@void-system/effects/fibers";
import { CommandError } from "../errors.ts";
import type { Command, Result } from "./command.ts";

/** Keys and texts. Each operation goes through consensus and may be repeated without harm. */
export interface StoreOperations {
  /** The value of a key, if it has one. */
  get(key: string): string | undefined;
  /** Waits until a quorum holds it. */
  set(key: string, value: string): void;
  /** The values of keys, in their order. */
  getAll(keys: readonly string[]): readonly (string | undefined)[];
  /** Sets all or none. */
  setAll(entries: readonly (readonly [key: string, value: string])[]): void;
}

/** The store: of the node in this process, or of a cluster. A `CommandError` is thrown when it refuses. */
export const Store: Effect<"void.store", StoreOperations> = /* @__PURE__ */ effect<StoreOperations>()("void.store");

/** The store of a node in this process. */
export function storeOf(execute: (command: Command) => Eff<never, Result>): Clauses<StoreOperations, never> {
  const encoder = new TextEncoder();
  return {
    *get(key) {
      return textOf(yield* execute({ op: "get", key }));
    },
    *set(key, value) {
      textOf(yield* execute({ op: "set", key, value: encoder.encode(value), when: "always", returnOld: false }));
    },
    *getAll(keys) {
      const result = yield* execute({ op: "mget", keys });
      return result.type === "values" ? result.values.map(text) : [textOf(result)];
    },
    *setAll(entries) {
      textOf(yield* execute({ op: "mset", entries: entries.map(([key, value]) => [key, encoder.encode(value)]) }));
    },
  };
}

/** The text in a result, if there is one. @throws {@link CommandError} for an error. */
function textOf(result: Result): string | undefined {
  if (result.type === "error") throw new CommandError("the command", result.message);
  return result.type === "value" ? text(result.value) : undefined;
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}
