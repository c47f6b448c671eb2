/**
 * Models of the objects that most services have.
 */
import { type Model, REFUSED, UNKNOWN } from "./model.ts";
import { show } from "./show.ts";

/** A value that a model's object may hold: a primitive, compared by `===`. */
export type Stored = string | number | boolean | null | undefined;

/** An operation on a register. A `read` outputs the value. A `write` may output anything. */
export type RegisterInput<V> =
  | { readonly type: "read" }
  | {
      readonly type: "write";
      /** The value written. */
      readonly value: V;
    };

/**
 * Returns a model of a register: `read` outputs the value written last. Values are primitives, compared by `===`.
 *
 * @example
 * ```ts
 * import { checkLinearizability, registerModel } from "@void-system/simulation/linearizability";
 *
 * // A write with an unknown outcome explains the read.
 * const { verdict } = checkLinearizability(registerModel(0), [
 *   { client: "a", input: { type: "write", value: 1 }, invokedAt: 0, returnedAt: undefined },
 *   { client: "b", input: { type: "read" }, output: 1, invokedAt: 5, returnedAt: 6 },
 * ]);
 * verdict; // => "linearizable"
 * ```
 */
export function registerModel<V>(initial: V): Model<V, RegisterInput<V>, V | undefined> {
  return {
    init: () => initial,
    step: (state, input, output) => {
      if (input.type === "write") return input.value;
      return output === UNKNOWN || output === state ? state : REFUSED;
    },
    readOnly: ({ type }) => type === "read",
    describe: (input, output) =>
      input.type === "write"
        ? `write ${show(input.value)}`
        : `read${output === undefined ? "" : ` -> ${show(output)}`}`,
  };
}

/**
 * An operation on one key of a store. A `get` outputs the value, or undefined if there is none. A `set` or `delete` may
 * output anything. A `cas` (compare and set) outputs true if the value was `expected` and is now `value`, otherwise
 * false.
 */
export type KeyValueInput<V extends Stored> =
  | { readonly type: "get" }
  | {
      readonly type: "set";
      /** The value written. */
      readonly value: V;
    }
  | { readonly type: "delete" }
  | {
      readonly type: "cas";
      /** Expected value; undefined if the key must be absent. */
      readonly expected: V | undefined;
      /** The value written. */
      readonly value: V;
    };

/**
 * Returns a model of one key of a key-value store with compare-and-set. Give each operation its `key`, and the store is
 * checked key by key.
 *
 * @example
 * ```ts
 * import { checkLinearizability, keyValueModel } from "@void-system/simulation/linearizability";
 *
 * // Two clients both won the same lock.
 * const cas = { type: "cas", expected: undefined, value: "mine" } as const;
 * const { verdict } = checkLinearizability(keyValueModel<string>(), [
 *   { client: "a", key: "lock", input: cas, output: true, invokedAt: 0, returnedAt: 5 },
 *   { client: "b", key: "lock", input: cas, output: true, invokedAt: 2, returnedAt: 9 },
 * ]);
 * verdict; // => "not linearizable"
 * ```
 */
export function keyValueModel<V extends Stored>(): Model<V | undefined, KeyValueInput<V>, V | boolean | undefined> {
  return {
    init: () => undefined,
    step: (state, input, output) => {
      switch (input.type) {
        case "get":
          return output === UNKNOWN || output === state ? state : REFUSED;
        case "set":
          return input.value;
        case "delete":
          return undefined;
        case "cas": {
          const fits = state === input.expected;
          if (output !== UNKNOWN && output !== fits) return REFUSED;
          return fits ? input.value : state;
        }
      }
    },
    readOnly: ({ type }) => type === "get",
    describe: describeKeyValue,
    describeState: (state) => (state === undefined ? "nothing" : show(state)),
  };
}

function describeKeyValue<V extends Stored>(input: KeyValueInput<V>, output: V | boolean | undefined): string {
  switch (input.type) {
    case "get":
      return `get -> ${output === undefined ? "nothing" : show(output)}`;
    case "set":
      return `set ${show(input.value)}`;
    case "delete":
      return "delete";
    case "cas":
      return `cas ${show(input.expected)} to ${show(input.value)}${output === undefined ? "" : ` -> ${show(output)}`}`;
  }
}

/**
 * An operation on a counter. A `read` outputs the value. An `add` outputs the new value, or undefined if the service
 * does not return it.
 */
export type CounterInput =
  | { readonly type: "read" }
  | {
      readonly type: "add";
      /** Amount added; may be negative. */
      readonly amount: number;
    };

/**
 * Returns a model of a counter that begins at 0.
 *
 * @example
 * ```ts
 * import { checkLinearizability, counterModel } from "@void-system/simulation/linearizability";
 *
 * // An update was lost: both clients got 1.
 * const { verdict } = checkLinearizability(counterModel(), [
 *   { client: "a", input: { type: "add", amount: 1 }, output: 1, invokedAt: 0, returnedAt: 5 },
 *   { client: "b", input: { type: "add", amount: 1 }, output: 1, invokedAt: 2, returnedAt: 9 },
 * ]);
 * verdict; // => "not linearizable"
 * ```
 */
export function counterModel(): Model<number, CounterInput, number | undefined> {
  return {
    init: () => 0,
    step: (state, input, output) => {
      const next = input.type === "add" ? state + input.amount : state;
      const silent = input.type === "add" && output === undefined;
      return output === UNKNOWN || silent || output === next ? next : REFUSED;
    },
    readOnly: ({ type }) => type === "read",
    describe: (input, output) =>
      (input.type === "add" ? `add ${input.amount}` : "read") + (output === undefined ? "" : ` -> ${output}`),
  };
}

/**
 * An operation on a queue. An `enqueue` may output anything. A `dequeue` outputs the first item, or undefined if the
 * queue was empty.
 */
export type QueueInput<V extends Stored> =
  | {
      readonly type: "enqueue";
      /** The value appended. */
      readonly value: V;
    }
  | { readonly type: "dequeue" };

/**
 * Returns a model of a first-in, first-out queue.
 *
 * @example
 * ```ts
 * import { checkLinearizability, queueModel } from "@void-system/simulation/linearizability";
 *
 * // One item was handed out twice.
 * const { verdict } = checkLinearizability(queueModel<string>(), [
 *   { client: "a", input: { type: "enqueue", value: "job" }, invokedAt: 0, returnedAt: 1 },
 *   { client: "b", input: { type: "dequeue" }, output: "job", invokedAt: 2, returnedAt: 4 },
 *   { client: "c", input: { type: "dequeue" }, output: "job", invokedAt: 3, returnedAt: 5 },
 * ]);
 * verdict; // => "not linearizable"
 * ```
 */
export function queueModel<V extends Stored>(): Model<readonly V[], QueueInput<V>, V | undefined> {
  return {
    init: () => [],
    step: (state, input, output) => {
      if (input.type === "enqueue") return [...state, input.value];
      if (output !== UNKNOWN && output !== state[0]) return REFUSED;
      return state.slice(1);
    },
    identity: (state) => JSON.stringify(state.map((value) => [typeof value, String(value)])),
    describe: (input, output) =>
      input.type === "enqueue"
        ? `enqueue ${show(input.value)}`
        : `dequeue -> ${output === undefined ? "nothing" : show(output)}`,
  };
}
