import type { StateCell } from "./direct-effects.ts";
import { handlerOf } from "./scope.ts";

/** Number of states that a {@link StateHandler} remembers by default. */
export const STATE_HISTORY_MAX = 1_000;

/** Options of a {@link StateHandler}. */
export interface StateHandlerOptions {
  /**
   * Most states to remember, including the present one. The oldest is dropped first.
   *
   * @defaultValue {@link STATE_HISTORY_MAX}
   */
  readonly historyMax?: number;
}

/**
 * Handles the effect of state: one value, which code gets and puts without holding it. The handler remembers earlier
 * values and can move back and forward through them. That works only if programs replace values and never change them in
 * place.
 *
 * @example
 * ```ts
 * import { getState, putState, StateHandler, withHandlers } from "@void-system/effects";
 *
 * const count = new StateHandler(1);
 * withHandlers([count], () => putState(getState<number>() + 1));
 * count.get(); // => 2
 * count.back(); // => 1
 * count.forward(); // => 2
 * count.history; // => [1, 2]
 * ```
 */
export class StateHandler<State> implements StateCell<State> {
  /** Name of the handled effect. */
  readonly effect = "state";
  readonly #historyMax: number;
  readonly #history: State[];
  #at = 0;

  /** @throws RangeError when `historyMax` is not an integer of 1 or more. */
  constructor(initial: State, options: StateHandlerOptions = {}) {
    const { historyMax = STATE_HISTORY_MAX } = options;
    if (!Number.isSafeInteger(historyMax) || historyMax < 1)
      throw new RangeError(`expected a history of 1 state or more, got ${historyMax}`);
    this.#historyMax = historyMax;
    this.#history = [initial];
  }

  /** The remembered states, oldest first. The present state is at {@link StateHandler.position}. */
  get history(): readonly State[] {
    return [...this.#history];
  }

  /** Index of the present state in the history. */
  get position(): number {
    return this.#at;
  }

  get(): State {
    // The position is always a valid index of the history.
    return this.#history[this.#at] as State;
  }

  /** Replaces the state. States that were ahead, after steps back, are forgotten. */
  put(state: State): void {
    this.#history.splice(this.#at + 1);
    this.#history.push(state);
    if (this.#history.length > this.#historyMax) this.#history.shift();
    this.#at = this.#history.length - 1;
  }

  /**
   * Moves `steps` puts back in the history, and returns the state there.
   *
   * @throws RangeError when no such state is remembered.
   */
  back(steps = 1): State {
    return this.#moveTo(this.#at - steps);
  }

  /**
   * Moves `steps` puts forward in the history, and returns the state there.
   *
   * @throws RangeError when no such state is remembered.
   */
  forward(steps = 1): State {
    return this.#moveTo(this.#at + steps);
  }

  #moveTo(at: number): State {
    if (!Number.isSafeInteger(at) || at < 0 || at >= this.#history.length)
      throw new RangeError(
        `expected a step to one of the ${this.#history.length} states remembered (0 to ${this.#history.length - 1}), got ${at}`
      );
    this.#at = at;
    return this.get();
  }
}

/**
 * Returns the state of the state handler in force. The caller asserts its type, which is not checked, as with
 * `JSON.parse`.
 *
 * @throws {@link UnhandledEffectError} when no state handler is in force.
 */
export function getState<State>(): State {
  // The caller asserts the type, as the docstring says.
  return handlerOf("state", "getState()", "new StateHandler(initial)").get() as State;
}

/**
 * Replaces the state of the state handler in force.
 *
 * @throws {@link UnhandledEffectError} when no state handler is in force.
 */
export function putState<State>(state: State): void {
  handlerOf("state", "putState()", "new StateHandler(initial)").put(state);
}
