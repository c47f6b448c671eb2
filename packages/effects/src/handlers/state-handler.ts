import type { StateCell } from "./direct-effects.ts";
import { handlerOf } from "./scope.ts";

/** States that a {@link StateHandler} remembers, unless told otherwise. */
export const STATE_HISTORY_MAX = 1_000;

/** What a {@link StateHandler} may be told. */
export interface StateHandlerOptions {
  /** States that are remembered, the present one included; the oldest goes first. @defaultValue {@link STATE_HISTORY_MAX} */
  readonly historyMax?: number;
}

/**
 * Answers the effect of state: one value, which code gets and puts without holding it. It remembers what was put, and can
 * be taken back and forward through it, as long as states are replaced, not changed.
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
  /** The effect that it answers. */
  readonly effect = "state";
  readonly #historyMax: number;
  readonly #history: State[];
  #at = 0;

  /** @throws RangeError when `historyMax` is not a whole number of 1 or more. */
  constructor(initial: State, options: StateHandlerOptions = {}) {
    const { historyMax = STATE_HISTORY_MAX } = options;
    if (!Number.isSafeInteger(historyMax) || historyMax < 1)
      throw new RangeError(`expected a history of 1 state or more, got ${historyMax}`);
    this.#historyMax = historyMax;
    this.#history = [initial];
  }

  /** What is remembered, oldest first; the present state is the one at {@link StateHandler.position}. */
  get history(): readonly State[] {
    return [...this.#history];
  }

  /** Where in the history the present state stands. */
  get position(): number {
    return this.#at;
  }

  get(): State {
    // The position is always one of the history's.
    return this.#history[this.#at] as State;
  }

  /** Replaces the state. What was ahead, after steps back, is forgotten. */
  put(state: State): void {
    this.#history.splice(this.#at + 1);
    this.#history.push(state);
    if (this.#history.length > this.#historyMax) this.#history.shift();
    this.#at = this.#history.length - 1;
  }

  /**
   * Takes the state back to what it was `steps` puts ago, and returns it.
   *
   * @throws RangeError when no such state is remembered.
   */
  back(steps = 1): State {
    return this.#moveTo(this.#at - steps);
  }

  /**
   * Takes the state forward again, and returns it.
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
 * The state of the handler around. Its type is the caller's word: nothing checks it, as with `JSON.parse`.
 *
 * @throws {@link UnhandledEffectError} when there is none.
 */
export function getState<State>(): State {
  // The caller says what the handler around holds; the docstring says that nobody checks.
  return handlerOf("state", "getState()", "new StateHandler(initial)").get() as State;
}

/**
 * Replaces the state of the handler around.
 *
 * @throws {@link UnhandledEffectError} when there is none.
 */
export function putState<State>(state: State): void {
  handlerOf("state", "putState()", "new StateHandler(initial)").put(state);
}
