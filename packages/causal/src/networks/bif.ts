import { InvalidModelError, InvalidTextError, QueryTooLargeError, quote } from "../errors.ts";
import { DiscreteNetwork, TABLE_ENTRIES_MAX } from "./discrete-network.ts";
import type { DiscreteVariable } from "./discrete-network.ts";

/** Longest text in the Bayesian interchange format, in characters. */
export const BIF_LENGTH_MAX: number = 2 ** 24;

const TOKEN = /\s+|\/\/.*|\/\*[^]*?\*\/|"[^"]*"|[{}()[\];,|]|(?:(?!\/\/|\/\*)[^\s{}()[\];,|"])+|[^]/gu;
const FORMAT = "BIF";

interface Token {
  readonly text: string;
  readonly line: number;
}

/** A variable while its blocks are read. */
interface Reading {
  states: readonly string[];
  parents: readonly string[];
  rows: Map<number, readonly number[]> | undefined;
  otherwise: readonly number[] | undefined;
  line: number;
}

/**
 * Reads a network in the Bayesian interchange format (BIF 0.15, as bnlearn and pgmpy write it): `table`, rows by the
 * parents' states, and `default`. Properties are ignored.
 *
 * @throws `InvalidTextError` at the first mistake, with its line.
 * @throws the same as {@link DiscreteNetwork}'s constructor.
 * @example
 * ```ts
 * import { fromBif } from "@void-system/causal/networks";
 * const network = fromBif(`network calls { }
 *   variable disk { type discrete [ 2 ] { full, free }; }
 *   variable api { type discrete [ 2 ] { slow, fast }; }
 *   probability ( disk ) { table 0.5, 0.5; }
 *   probability ( api | disk ) { (full) 0.5, 0.5; (free) 0.0, 1.0; }`);
 * network.compile().posterior("disk", { evidence: { api: "slow" } }); // => { full: 1, free: 0 }
 * ```
 */
export function fromBif(text: string): DiscreteNetwork {
  if (typeof text !== "string" || text.length > BIF_LENGTH_MAX) {
    const got = typeof text === "string" ? `${text.length} characters` : quote(text);
    throw new InvalidTextError(FORMAT, 1, `expected text of at most ${BIF_LENGTH_MAX} characters, got ${got}`);
  }
  const reader = new Reader(text);
  const variables = new Map<string, Reading>();
  while (!reader.ended) {
    const block = reader.next("network, variable or probability");
    if (block === "network") {
      while (reader.peek() !== "{") reader.next("{");
      reader.skipBlock();
    } else if (block === "variable") readVariable(reader, variables);
    else if (block === "probability") readProbability(reader, variables);
    else throw reader.mistake("network, variable or probability", -1);
  }
  return new DiscreteNetwork(Object.fromEntries([...variables].map(([name, reading]) => [name, variableOf(name, reading, variables)])));
}

function readVariable(reader: Reader, variables: Map<string, Reading>): void {
  const { line } = reader;
  const name = reader.name();
  if (variables.has(name)) throw reader.mistake("a new variable", -1);
  reader.expect("{");
  let states: readonly string[] = [];
  while (!reader.skip("}")) {
    if (reader.next("type or property") !== "type") {
      reader.skipPast(";");
      continue;
    }
    reader.expect("discrete");
    reader.expect("[");
    const count = reader.number();
    reader.expect("]");
    reader.expect("{");
    states = reader.list("}");
    if (states.length !== count) throw reader.mistake(`${count} states of ${name}`, -1);
    reader.expect(";");
  }
  variables.set(name, { states, parents: [], rows: undefined, otherwise: undefined, line });
}

function readProbability(reader: Reader, variables: ReadonlyMap<string, Reading>): void {
  reader.expect("(");
  const { line } = reader;
  const name = reader.name();
  const variable = variables.get(name);
  if (!variable || variable.rows) throw new InvalidTextError(FORMAT, line, `expected a variable without probabilities, got ${name}`);
  variable.parents = reader.skip("|") ? reader.list(")") : [];
  if (variable.parents.length === 0) reader.skip(")");
  for (const parent of variable.parents) {
    if (!variables.has(parent)) throw new InvalidTextError(FORMAT, line, `expected parents that are variables, got ${parent}`);
  }
  variable.rows = new Map();
  reader.expect("{");
  while (!reader.skip("}")) {
    const start = reader.next("table, default, a row or property");
    if (start === "table") {
      const values = reader.numbers();
      const width = variable.states.length || values.length;
      for (let row = 0; row * width < values.length; row++) variable.rows.set(row, values.slice(row * width, (row + 1) * width));
    } else if (start === "default") variable.otherwise = reader.numbers();
    else if (start === "(") {
      const row = rowOf(reader, variable, reader.list(")"), variables);
      if (variable.rows.has(row)) throw reader.mistake("each row once", -1);
      variable.rows.set(row, reader.numbers());
    } else if (start === "property") reader.skipPast(";");
    else throw reader.mistake("table, default, a row or property", -1);
  }
}

function rowOf(reader: Reader, { parents }: Reading, given: readonly string[], variables: ReadonlyMap<string, Reading>): number {
  if (given.length !== parents.length) throw reader.mistake(`${parents.length} states of the parents`, -1);
  let row = 0;
  for (const [at, parent] of parents.entries()) {
    const states = variables.get(parent)?.states ?? [];
    const state = states.indexOf(given[at] ?? "");
    if (state < 0) throw reader.mistake(`states of ${parent} in a row`, -1);
    row = row * states.length + state;
  }
  return row;
}

function variableOf(name: string, { states, parents, rows, otherwise, line }: Reading, variables: ReadonlyMap<string, Reading>): DiscreteVariable {
  if (!rows) throw new InvalidTextError(FORMAT, line, `expected probabilities of ${name}, got none; add a block for it`);
  const count = parents.reduce((product, parent) => product * (variables.get(parent)?.states.length ?? 1), 1);
  const entries = count * states.length;
  if (entries > TABLE_ENTRIES_MAX) throw new QueryTooLargeError("table entries", entries, TABLE_ENTRIES_MAX);
  const table: (readonly number[])[] = [];
  for (let row = 0; row < Math.max(count, rows.size); row++) {
    const values = rows.get(row) ?? otherwise;
    if (values?.length !== states.length) {
      throw new InvalidTextError(FORMAT, line, `expected ${count} rows of ${states.length} probabilities of ${name}, got ${values?.length ?? 0} in row ${row}`);
    }
    table.push(values);
  }
  return { states, parents, table };
}

/**
 * Writes a network in the Bayesian interchange format, so that {@link fromBif} reads the same network back.
 *
 * @throws `InvalidTextError` if a name has a quotation mark, which the format cannot hold.
 * @example
 * ```ts
 * import { DiscreteNetwork, fromBif, toBif } from "@void-system/causal/networks";
 * const network = new DiscreteNetwork({ disk: { states: ["full", "free"], table: [0.5, 0.5] } });
 * fromBif(toBif(network)).graph.nodes; // => ["disk"]
 * ```
 */
export function toBif(network: DiscreteNetwork): string {
  if (!(network instanceof DiscreteNetwork)) throw new InvalidModelError(`expected a DiscreteNetwork, got ${quote(network)}; make one first`);
  const { variables } = network;
  const blocks = variables.map(({ name, states }) => {
    return `variable ${written(name)} {\n  type discrete [ ${states.length} ] { ${states.map(written).join(", ")} };\n}\n`;
  });
  const tables = variables.map(({ name, states, parents, table }) => {
    const named = parents.map((parent) => written(variables[parent]?.name ?? ""));
    const head = `probability ( ${written(name)}${named.length > 0 ? ` | ${named.join(", ")}` : ""} ) {`;
    const width = states.length;
    const lines = Array.from({ length: table.length / width }, (_, row) => {
      let [rest, given] = [row, ""];
      for (const parent of parents.toReversed()) {
        const all = variables[parent]?.states ?? [];
        given = `${written(all[rest % all.length] ?? "")}${given && ", "}${given}`;
        rest = Math.floor(rest / all.length);
      }
      return `  ${parents.length > 0 ? `(${given})` : "table"} ${table.slice(row * width, (row + 1) * width).join(", ")};\n`;
    });
    return `${head}\n${lines.join("")}}\n`;
  });
  return `network unknown {\n}\n${[...blocks, ...tables].join("")}`;
}

function written(name: string): string {
  if (name.includes('"')) throw new InvalidTextError(FORMAT, 1, `expected names without quotation marks, got ${name.slice(0, 40)}; rename it`);
  return /^[\p{L}\p{N}_.<>=+-]+$/u.test(name) ? name : `"${name}"`;
}

/** The words of a text, one after another. */
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    let line = 1;
    this.#tokens = [...text.matchAll(TOKEN)].flatMap(([piece]) => {
      const token = { text: piece, line };
      line += piece.split("\n").length - 1;
      return /^(?:\s|\/\/|\/\*)/u.test(piece) ? [] : [token];
    });
  }

  get ended(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get line(): number {
    return (this.#tokens[this.#at] ?? this.#tokens.at(-1))?.line ?? 1;
  }

  peek(): string | undefined {
    return this.#tokens[this.#at]?.text;
  }

  next(expected: string): string {
    const text = this.peek();
    if (text === undefined) throw this.mistake(expected);
    this.#at++;
    return text;
  }

  skip(text: string): boolean {
    if (this.peek() !== text) return false;
    this.#at++;
    return true;
  }

  expect(text: string): void {
    if (!this.skip(text)) throw this.mistake(text);
  }

  name(): string {
    const text = this.next("a name");
    if (/^[{}()[\];,|]$|^"$/u.test(text)) throw this.mistake("a name", -1);
    return text.startsWith('"') ? text.slice(1, -1) : text;
  }

  number(): number {
    const text = this.next("a number");
    if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu.test(text)) throw this.mistake("a number", -1);
    return Number(text);
  }

  /** Names up to a closing bracket, with or without commas. */
  list(end: string): readonly string[] {
    const names: string[] = [];
    while (!this.skip(end)) if (!this.skip(",")) names.push(this.name());
    return names;
  }

  /** Numbers up to a semicolon, with or without commas. */
  numbers(): readonly number[] {
    const numbers: number[] = [];
    while (!this.skip(";")) if (!this.skip(",")) numbers.push(this.number());
    return numbers;
  }

  skipPast(text: string): void {
    while (this.next(text) !== text);
  }

  skipBlock(): void {
    this.expect("{");
    this.skipPast("}");
  }

  mistake(expected: string, back: number = 0): InvalidTextError {
    const { text, line } = this.#tokens[this.#at + back] ?? { text: "the end", line: this.line };
    return new InvalidTextError(FORMAT, line, `expected ${expected}, got ${text.slice(0, 40)}`);
  }
}
