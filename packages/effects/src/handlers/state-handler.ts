import { handlerOf } from "./scope.ts";

/** One value that is kept. */
export interface StateCell<State> {
  /** The value. */
  get(): State;
  /** Replaces it. */
  put(state: State): void;
}

/**
 * Answers the effect of state: one value, which code gets and puts without holding it.
 *
 * @example
 * ```ts
 * import { getState, putState, StateHandler, withHandlers } from "@void-system/effects";
 *
 * const count = new StateHandler(1);
 * withHandlers([count], () => putState(getState<number>() + 1));
 * count.get(); // => 2
 * ```
 */
export class StateHandler<State> implements StateCell<State> {
  /** The effect that it answers. */
  readonly effect = "state";
  #state: State;

  constructor(initial: State) {
    this.#state = initial;
  }

  get(): State {
    return this.#state;
  }

  put(state: State): void {
    this.#state = state;
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
