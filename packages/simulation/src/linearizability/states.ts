import { ModelError } from "../errors.ts";
import type { Identity } from "./model.ts";

/** States by number: equal states have one. */
export class States<State> {
  readonly #identity: ((state: State) => Identity) | undefined;
  readonly #numbers = new Map<Identity, number>();
  readonly #states: State[] = [];
  /** Characters of all identities that are texts: about how large the states are. */
  characters = 0;

  constructor(identity: ((state: State) => Identity) | undefined) {
    this.#identity = identity;
  }

  /**
   * The number of a state, a new one for one that was never seen.
   *
   * @throws {@link ModelError} when it is no primitive and the model does not say what identifies it.
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

  /** The state of a number that this gave out. */
  state(number: number): State {
    const state = this.#states[number];
    if (number >= this.#states.length) throw new RangeError(`expected the number of a state, got ${number}`);
    // In range, so it is one: State itself may be undefined.
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
