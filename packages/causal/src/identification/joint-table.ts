import { readRecord } from "../arguments.ts";
import { InvalidModelError, QueryTooLargeError, quote, UnknownNodeError } from "../errors.ts";

/** Most entries of a {@link JointTable}. */
export const JOINT_TABLE_ENTRIES_MAX: number = 2 ** 20;

/**
 * Joint distribution of observed variables, from which estimands are computed.
 *
 * @example
 * ```ts
 * import { JointTable } from "@void-system/causal/identification";
 * const table = JointTable.fromRows([{ x: "on", y: "slow" }, { x: "off", y: "fast" }]);
 * table.states("x"); // => ["off", "on"]
 * [...table.probabilities]; // => [0.5, 0, 0, 0.5]
 * ```
 */
export class JointTable {
  /** The variables, in the order of the table. */
  readonly variables: readonly string[];
  /** A probability for each combination of states, the last variable's changing fastest. */
  readonly probabilities: Float64Array;
  readonly #states: ReadonlyMap<string, readonly string[]>;

  /**
   * @throws `InvalidModelError` for no variables, doubled states, a wrong length, or numbers that do not sum to 1 within 1e-6.
   * @throws `QueryTooLargeError` beyond {@link JOINT_TABLE_ENTRIES_MAX} entries.
   */
  constructor(states: Readonly<Record<string, readonly string[]>>, probabilities: ArrayLike<number>) {
    readRecord("states", states);
    this.variables = Object.keys(states);
    this.#states = new Map(Object.entries(states).map(([name, list]) => [name, Array.isArray(list) ? [...list] : []]));
    for (const [name, list] of this.#states) {
      if (!list.every((state) => typeof state === "string") || list.length === 0 || new Set(list).size < list.length) {
        throw new InvalidModelError(`expected different states of ${quote(name)}, at least one, got ${list.map(quote).join(", ")}`);
      }
    }
    const entries = [...this.#states.values()].reduce((count, { length }) => count * length, 1);
    if (entries > JOINT_TABLE_ENTRIES_MAX) throw new QueryTooLargeError("entries of a joint table", entries, JOINT_TABLE_ENTRIES_MAX);
    const isList = Array.isArray(probabilities) ? probabilities.every((p) => typeof p === "number") : ArrayBuffer.isView(probabilities);
    if (!isList) throw new InvalidModelError(`expected a list of probabilities, got ${quote(probabilities)}`);
    this.probabilities = Float64Array.from(probabilities);
    const sum = this.probabilities.reduce((total, p) => total + (p >= 0 ? p : Number.NaN), 0);
    if (this.variables.length === 0 || this.probabilities.length !== entries || !(Math.abs(sum - 1) <= 1e-6)) {
      throw new InvalidModelError(
        `expected ${entries} probabilities of at least one variable that sum to 1, got ${this.probabilities.length} with the sum ${sum}`,
      );
    }
  }

  /**
   * Returns the relative frequencies of complete rows. States are those that the rows show, sorted.
   *
   * @throws `InvalidModelError` for no rows, or a row that lacks a variable of the first one.
   * @throws `QueryTooLargeError` beyond {@link JOINT_TABLE_ENTRIES_MAX} entries.
   */
  static fromRows(rows: readonly Readonly<Record<string, string>>[]): JointTable {
    const [first] = Array.isArray(rows) ? rows : [];
    if (!first) throw new InvalidModelError("expected rows, got none; give at least one");
    for (const row of rows) readRecord("a row", row);
    const states = new Map(Object.keys(first).map((name) => [name, new Set<string>()]));
    for (const [name, seen] of states) {
      for (const row of rows) {
        const state = Object.hasOwn(row, name) ? row[name] : undefined;
        if (typeof state !== "string") throw new InvalidModelError(`expected ${quote(name)} as a string in every row, got ${quote(state)}; leave out rows with missing values`);
        seen.add(state);
      }
    }
    const sorted = Object.fromEntries([...states].map(([name, seen]) => [name, [...seen].sort()]));
    const entries = Object.values(sorted).reduce((count, list) => count * list.length, 1);
    if (entries > JOINT_TABLE_ENTRIES_MAX) throw new QueryTooLargeError("entries of a joint table", entries, JOINT_TABLE_ENTRIES_MAX);
    const frequencies = new Float64Array(entries);
    for (const row of rows) {
      const at = Object.entries(sorted).reduce((before, [name, list]) => before * list.length + list.indexOf(row[name] ?? ""), 0);
      frequencies[at] = (frequencies[at] ?? 0) + 1 / rows.length;
    }
    return new JointTable(sorted, frequencies);
  }

  /**
   * Returns the states of a variable, in the order of the table.
   *
   * @throws `UnknownNodeError` if there is no such variable.
   */
  states(name: string): readonly string[] {
    const states = this.#states.get(name);
    if (!states) throw new UnknownNodeError(name);
    return states;
  }
}
