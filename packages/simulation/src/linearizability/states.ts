import { ModelError } from "../errors.ts";
import type { Identity } from "./model.ts";

/** Numbers states, with one number for equal states. */
export class States<State> {
  readonly #identity: ((state: State) => Identity) | undefined;
  readonly #numbers = new Map<Identity, number>();
  readonly #states: State[] = [];
  /** Total length of all identities that are strings: a measure of the states' size. */
  characters = 0;

  constructor(identity: ((state: State) => Identity) | undefined) {
    this.#identity = identity;
  }

  /**
   * Returns the number of a state, which is new for a new state.
   *
   * @throws {@link ModelError} when the state is not a primitive and the model has no `identity`.
   */
  number(state: State): number {
    const identity = this.#identity ? this.#identity(state) : primitive(state);
    const known = this.#numbers.get(identity);
    if (known !== undefined) return known;
    if (typeof identity === "string") this.characters += identity.length;
    this.#numbers.set(identity, this.#states.length);
    this.#states.push(state);
    return this.#states.length - 1;
  }

  /** Returns the state of a number that `number` returned. */
  state(number: number): State {
    const state = this.#states[number];
    if (number >= this.#states.length) throw new RangeError(`expected the number of a state, got ${number}`);
    // The index is in range, so this is a state: `State` itself may include undefined.
    return state as State;
  }
}

function primitive(state: unknown): Identity {
  switch (typeof state) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
    case "undefined":
      return state;
    default:
      if (state === null) return null;
      throw new ModelError(`a state of type ${typeof state}`);
  }
}
