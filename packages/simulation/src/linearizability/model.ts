/**
 * The sequential specification that a checker judges by: the object as one client alone would see it.
 */

/** Stands for an output that nobody saw. A model must accept it wherever the operation could have happened. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** Returned by {@link Model.step} when the operation cannot have had that output in that state. */
export const REFUSED: unique symbol = Symbol("refused");

/** Identity of a state: equal for equal states, and only for those. */
export type Identity = string | number | bigint | boolean | null | undefined;

/**
 * A sequential specification: the object as it would be if operations happened one at a time. States are values: `step`
 * returns a new one and leaves the old one as it was.
 *
 * @example
 * ```ts
 * import { checkLinearizability, type Model, REFUSED } from "@void-system/simulation/linearizability";
 *
 * // A light that can be switched: the output is what it was before.
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
  /** The state before any operation. */
  readonly init: () => State;
  /**
   * The state after an operation, or {@link REFUSED} when it cannot have had that output. For an operation whose
   * outcome nobody knows, `output` is {@link UNKNOWN}.
   */
  readonly step: (state: State, input: Input, output: Output | typeof UNKNOWN) => State | typeof REFUSED;
  /** Tells states apart. Without it states must be primitives. */
  readonly identity?: (state: State) => Identity;
  /**
   * True for inputs that never change any state. Such operations are placed as soon as they fit, which is always right
   * and saves much work. Without it no input counts as one.
   */
  readonly readOnly?: (input: Input) => boolean;
  /** An operation for people; `output` is undefined when nobody knows it. */
  readonly describe?: (input: Input, output: Output | undefined) => string;
  /** A state for people. */
  readonly describeState?: (state: State) => string;
}
