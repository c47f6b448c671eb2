/**
 * The history of a run: the operations as clients saw them.
 */

/** One operation of a client: an interval in the run. */
export interface Operation {
  /** The client that issued it. */
  readonly client: string;
  /**
   * Sequential process that the operation belongs to: the client's name, or `name/2`, `name/3`, … if earlier operations
   * of the client were open or had no known outcome.
   */
  readonly process: string;
  readonly op: string;
  /** Object of the operation. Histories of different keys can be judged separately. */
  readonly key?: string;
  /** The request. */
  readonly input: unknown;
  /** The answer; undefined while the outcome is unknown. */
  readonly output: unknown;
  /** Position among all invocations and returns of the run, from 1. */
  readonly invokedAt: number;
  /**
   * Position of the return. Undefined if the outcome is unknown: the operation may have happened, may happen later, or
   * never.
   */
  readonly returnedAt: number | undefined;
  /** Time of the invocation, in virtual milliseconds. */
  readonly invokedAtMs: number;
  /** Time of the return, in virtual milliseconds. */
  readonly returnedAtMs: number | undefined;
}

/** A request of a client, drawn by its workload or issued by its program. */
export interface DrawnOperation {
  readonly op: string;
  /** Object of the operation. */
  readonly key?: string;
  /** The request. */
  readonly input?: unknown;
}

/** An operation before it happens. */
export interface Invocation {
  /** The client that issued it. */
  readonly client: string;
  readonly op: string;
  /** Object of the operation. */
  readonly key?: string;
  /** The request. */
  readonly input?: unknown;
}

/** Records that an operation has returned. Only the first call counts. */
export type Returned = (output?: unknown) => void;

/**
 * Invocations and returns, in the order in which they happened. Inputs and outputs are kept as they are, so what is
 * recorded must not be changed afterwards. The list of operations and its entries are frozen: copy the list to sort it.
 *
 * @example
 * ```ts
 * import { History } from "@void-system/simulation";
 *
 * let ms = 0;
 * const history = new History(() => ms);
 * const returned = history.invoke({ client: "c1", op: "read", key: "x" });
 * ms = 5;
 * returned(7);
 * const [read] = history.operations;
 * [read?.output, read?.invokedAt, read?.returnedAt, read?.returnedAtMs]; // => [7, 1, 2, 5]
 *
 * for (const key of ["x", "y"]) history.invoke({ client: "c1", op: "read", key });
 * history.operations.map(({ process }) => process); // => ["c1", "c1", "c1/2"]
 * ```
 */
export class History {
  readonly #nowMs: () => number;
  readonly #operations: Operation[] = [];
  /** For each client: the number of its processes, and those with no operation in flight, the lowest first. */
  readonly #processes = new Map<string, { count: number; readonly free: number[] }>();
  #places = 0;
  /** The operations as they were last read; undefined after a change. */
  #frozen: readonly Operation[] | undefined;

  /** @param nowMs - Returns the virtual time. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** All operations so far, in order of invocation. The list is frozen, and does not grow. */
  get operations(): readonly Operation[] {
    return (this.#frozen ??= Object.freeze([...this.#operations]));
  }

  /** Records the call of an operation. The returned function records its return. */
  invoke(invocation: Invocation): Returned {
    const at = this.#operations.length;
    const { client } = invocation;
    const processes = this.#processes.get(client) ?? { count: 0, free: [] };
    this.#processes.set(client, processes);
    const number = processes.free.shift() ?? ++processes.count;
    const invoked: Operation = Object.freeze({
      client,
      process: number === 1 ? client : `${client}/${number}`,
      op: invocation.op,
      ...(invocation.key !== undefined && { key: invocation.key }),
      input: invocation.input,
      output: undefined,
      invokedAt: ++this.#places,
      returnedAt: undefined,
      invokedAtMs: this.#nowMs(),
      returnedAtMs: undefined,
    });
    this.#operations.push(invoked);
    this.#frozen = undefined;
    return (output) => {
      if (this.#operations[at] !== invoked) return;
      const { free } = processes;
      const place = free.findIndex((other) => other > number);
      free.splice(place < 0 ? free.length : place, 0, number);
      this.#operations[at] = Object.freeze({ ...invoked, output, returnedAt: ++this.#places, returnedAtMs: this.#nowMs() });
      this.#frozen = undefined;
    };
  }
}
