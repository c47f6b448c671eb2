/**
 * A bug planted on purpose, see `planted.sim.test.ts`: NEW-VIEWs are believed without computing what they must
 * propose.
 */
import { expect, test, vi } from "vitest";
import { ambush } from "../support/ambush.ts";
import { seeds } from "../support/seeds.ts";

vi.mock("../../src/codec/authentication.ts", async (load) => {
  const real = await load<typeof import("../../src/codec/authentication.ts")>();
  return {
    refusal: (...given: Parameters<typeof real.refusal>) => {
      const reason = real.refusal(...given);
      return reason?.includes("not the proposals") ? undefined : reason;
    },
  };
});

test("a NEW-VIEW that is believed unchecked is caught", () => {
  const searching = process.env["VOID_SEEDS"] !== undefined;
  const found: string[] = [];
  for (const seed of searching ? seeds(1) : [1, 2, 3, 4, 5, 6, 7, 8]) {
    const [first] = ambush(seed);
    if (first !== undefined) found.push(`${seed}: ${first}`);
    if (found.length > 0 && !searching) break;
  }
  if (searching) console.log(found.join("\n"));
  expect(found).not.toEqual([]);
});
