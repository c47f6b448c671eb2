/**
 * The sequential specification that a checker judges by: the object as a single client would see it.
 */

/** Represents an output that nobody saw. A model must accept it wherever the operation could have happened. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** Returned by {@link Model.step} when the operation cannot have had that output in that state. */
export const REFUSED: unique symbol = Symbol("refused");

/** Identity of a state: equal for equal states, and only for those. */
export type Identity = string | number | bigint | boolean | null | undefined;

/**
 * A sequential specification: the object as it would be if operations happened one at a time. States are values, so
 * `step` returns a new state and leaves the old one unchanged.
 *
 * @example
 * ```ts
 * import { checkLinearizability, type Model, REFUSED } from "@void-system/simulation/linearizability";
 *
 * // A light with a switch. The output is the state before.
 * const light: Model<boolean, "switch", boolean> = {
 *   init: () => false,
 *   step: (on, _input, was) => (typeof was === "boolean" && was !== on ? REFUSED : !on),
 * };
 * const { verdict } = checkLinearizability(light, [
 *   { client: "a", input: "switch", output: false, invokedAt: 0, returnedAt: 2 },
 *   { client: "b", input: "switch", output: false, invokedAt: 3, returnedAt: 4 },
 * ]);
 * verdict; // => "not linearizable"
 * ```
 */
export interface Model<State, Input, Output> {
  /** Returns the state before any operation. */
  readonly init: () => State;
  /**
   * Returns the state after an operation, or {@link REFUSED} if the operation cannot have had that output. If its
   * outcome is unknown, `output` is {@link UNKNOWN}.
   */
  readonly step: (state: State, input: Input, output: Output | typeof UNKNOWN) => State | typeof REFUSED;
  /** Returns the identity of a state. Without it, states must be primitives. */
  readonly identity?: (state: State) => Identity;
  /**
   * Returns true for inputs that never change any state. The search places such operations as soon as they fit, which
   * is always right and saves much work. @defaultValue no input is read-only
   */
  readonly readOnly?: (input: Input) => boolean;
  /** Describes an operation to people; `output` is undefined if unknown. */
  readonly describe?: (input: Input, output: Output | undefined) => string;
  /** Describes a state to people. */
  readonly describeState?: (state: State) => string;
}
