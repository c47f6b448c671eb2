/**
 * The store of a cluster, for commands that may be sent twice without harm: it speaks to one node, and goes on with the
 * next when that one does not answer.
 */
import type { Clauses, Need } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { CommandError, UnreachableClusterError } from "../errors.ts";
import type { ListenAddress } from "../listen.ts";
import { Redis, type Word } from "./redis-client.ts";
import type { StoreOperations } from "../store/store.ts";

/** Number of attempts at each node before the client gives up. */
const ROUNDS_MAX = 5;
const ROUND_PAUSE_MS = 500;
/** Answers that another node, or a later try, may turn into a good one. */
const TRANSIENT = /^(BUSY|SHUTDOWN|REFUSED|UNKNOWN)\b/;

type Needs = Need<"void.redis"> | Need<"void.clock">;

/** Store of a cluster. It sends to any node that answers. */
export class ClusterStore implements Clauses<StoreOperations, Needs> {
  readonly #nodes: readonly ListenAddress[];
  readonly #token: string;
  #current = 0;

  constructor(nodes: readonly ListenAddress[], token: string) {
    this.#nodes = nodes;
    this.#token = token;
  }

  /**
   * Sends one command that may be repeated: a read, or a write of the same values.
   *
   * @throws {@link CommandError} with the node's words when it refuses.
   * @throws {@link UnreachableClusterError} when no node gives an answer.
   */
  *call(command: string, ...words: readonly Word[]): Generator<Needs, unknown> {
    const count = this.#nodes.length;
    let last: unknown = new Error("no node is listed");
    for (let attempt = 0; attempt < ROUNDS_MAX * count; attempt++) {
      if (attempt > 0 && attempt % count === 0) yield* Clock.sleep(ROUND_PAUSE_MS);
      const at = this.#current;
      const node = this.#nodes[at % count];
      if (!node) break;
      try {
        return yield* Redis.send({ ...node, token: this.#token }, command, words);
      } catch (cause) {
        if (cause instanceof CommandError && !TRANSIENT.test(cause.refusal)) throw cause;
        last = cause;
        // Unless another command has already moved on from that node.
        if (this.#current === at) this.#current++;
      }
    }
    throw new UnreachableClusterError(this.#nodes, last);
  }

  /** Ends the connections that it has used. */
  *leave(): Generator<Need<"void.redis">, void> {
    for (const node of this.#nodes) yield* Redis.leave({ ...node, token: this.#token });
  }

  *get(key: string): Generator<Needs, string | undefined> {
    return text(yield* this.call("GET", key));
  }

  *set(key: string, value: string): Generator<Needs, void> {
    yield* this.call("SET", key, value);
  }

  *getAll(keys: readonly string[]): Generator<Needs, readonly (string | undefined)[]> {
    const values = yield* this.call("MGET", ...keys);
    if (!Array.isArray(values)) throw new CommandError("MGET", `expected an array as its answer, got ${typeof values}`);
    return values.map(text);
  }

  *setAll(entries: readonly (readonly [string, string])[]): Generator<Needs, void> {
    yield* this.call("MSET", ...entries.flat());
  }
}

function text(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}
