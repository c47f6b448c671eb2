import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CausalError } from "../../src/index.ts";
import { DiscreteNetwork, fromBif, toBif } from "../../src/networks/index.ts";
import { SCALE } from "../support/scale.ts";
import { networks } from "./by-definition.ts";
import { bifOf, VECTORS } from "./vectors.ts";

function plain({ variables }: DiscreteNetwork): object {
  return variables.map(({ table, ...rest }) => ({ ...rest, table: [...table] }));
}

describe("BIF", () => {
  test("what is written is read back, bit by bit", () => {
    for (const vector of Object.values(VECTORS)) {
      const network = fromBif(bifOf(vector));
      expect(plain(fromBif(toBif(network)))).toEqual(plain(network));
    }
    fc.assert(
      fc.property(networks(5), (network) => {
        expect(plain(fromBif(toBif(network)))).toEqual(plain(network));
      }),
      { numRuns: 12 * SCALE },
    );
  });

  test("takes comments, quotes, properties, defaults, and lists without commas", () => {
    const { variables } = fromBif(`// by hand
      network "a b" { property author x; }
      variable "the disk" { type discrete [2] { full free }; property position = (1, 2); }
      variable api { type discrete[3] {slow, "so so", fast}; } /* and
      more */
      probability ("the disk") { table .25 0.75; }
      probability (api | "the disk") { default 0, 0, 1e0; (full) 0.5, 0.25, 0.25; }`);
    expect(variables.map(({ name, states }) => [name, states])).toEqual([
      ["the disk", ["full", "free"]],
      ["api", ["slow", "so so", "fast"]],
    ]);
    expect([...variables[1]!.table]).toEqual([0.5, 0.25, 0.25, 0, 0, 1]);
  });

  test("says what is wrong, and in which line", () => {
    const variable = "variable a { type discrete [2] { x, y }; }\n";
    for (const [text, line] of [
      ["nonsense", 1],
      ["variable a {", 1],
      [`${variable}${variable}`, 2],
      ["variable a { type discrete [3] { x, y }; }", 1],
      [variable, 1],
      [`${variable}probability ( b ) { table 1; }`, 2],
      [`${variable}probability ( a | b ) { table 1; }`, 2],
      [`${variable}probability ( a ) { table 0.5, much; }`, 2],
      [`${variable}probability ( a ) { table 0.5; }`, 1],
      [`${variable}probability ( a | a ) { (z) 0.5, 0.5; }`, 2],
    ] as const) {
      expect(() => fromBif(text), text).toThrow(expect.objectContaining({ code: "ERR_INVALID_TEXT", line }));
    }
    expect(() => fromBif(`${variable}probability ( a ) { table 0.5, 0.4; }`)).toThrow(expect.objectContaining({ code: "ERR_INVALID_MODEL" }));
    expect(() => fromBif(`${variable}probability ( a | a ) { table 0.5, 0.5, 0.5, 0.5; }`)).toThrow(expect.objectContaining({ code: "ERR_CYCLE" }));
    expect(() => fromBif("")).toThrow(expect.objectContaining({ code: "ERR_INVALID_MODEL" }));
  });

  test("a damaged file is refused by a CausalError and nothing else", () => {
    const text = bifOf(VECTORS["cancer"]!);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(40), fc.constantFrom("", "{", "}", ";", '"', "(", "0.5"), (from, length, put) => {
        try {
          fromBif(text.slice(0, from) + put + text.slice(from + length));
        } catch (error) {
          expect(error).toBeInstanceOf(CausalError);
        }
      }),
      { numRuns: 37 * SCALE },
    );
  });
});
