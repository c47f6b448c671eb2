import { UnknownNodeError, UnknownStateError } from "../errors.ts";

/** A variable of a network by number, as the engines read it. */
export interface Variable {
  /** Its name. */
  readonly name: string;
  /** Its states, in the order of the table. */
  readonly states: readonly string[];
  /** Numbers of its direct causes, in the order of the table. */
  readonly parents: readonly number[];
  /** Rows of the parents' combinations, the variable's own state fastest. */
  readonly table: Float64Array;
}

/** The variables of a network, found by name. */
export class Variables {
  readonly list: readonly Variable[];
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(list: readonly Variable[]) {
    this.list = list;
    this.#numbers = new Map(list.map(({ name }, at) => [name, at]));
  }

  /** @throws `UnknownNodeError` if there is no such variable. */
  numberOf(name: string): number {
    const number = this.#numbers.get(name);
    if (number === undefined) throw new UnknownNodeError(name);
    return number;
  }

  /** @throws `UnknownStateError` if the variable has no such state. */
  stateOf({ name, states }: Variable, state: unknown): number {
    const number = states.findIndex((known) => known === state);
    if (number < 0) throw new UnknownStateError(name, state, states);
    return number;
  }
}
