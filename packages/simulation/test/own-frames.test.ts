import { describe, expect, test } from "vitest";
import { isOurs, withoutOurFrames } from "../src/own-frames.ts";
import { explore, type Scenario, simulate, TestCodeError } from "../src/index.ts";

const here = "own-frames.test.ts";
const scenario: Scenario = () => ({
  nodes: { a: ({ clock }) => void clock.schedule(1, () => undefined) },
  check: { always: { "one event": ({ simulation }) => { if (simulation.events > 1) throw new Error("two"); } } },
});

/** Returns the places in the stacks of an error and its causes. */
function placesOf(error: unknown): string[] {
  const places: string[] = [];
  for (let one: unknown = error; one instanceof Error; one = one.cause)
    places.push(...String(one.stack).split("\n").filter((line) => /^\s+at /.test(line)));
  return places;
}

describe("a failure shows no frames of ours", () => {
  test("as a result of simulate and of explore", () => {
    const run = simulate({ ...scenario(), seed: 1 });
    const finding = explore(scenario, { seeds: 1 });
    for (const failed of [run, finding?.found, finding?.smallest]) {
      if (!failed || failed.ok) throw new Error("expected a failure");
      const places = placesOf(failed.failure.error);
      expect(places.filter((line) => line.includes(here)).length).toBeGreaterThan(0);
      expect(places.filter(isOurs)).toEqual([]);
      expect(places.filter((line) => line.includes("/simulation/src/"))).toEqual([]);
    }
  });

  test("nor does a mistake in the test", () => {
    const typo = (): unknown => simulate({ ...scenario(), seed: 1, check: (cluster) => (cluster as never as { inspect(): void }).inspect() });
    let thrown: unknown;
    try {
      typo();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TestCodeError);
    expect(placesOf(thrown).filter((line) => line.includes("/simulation/src/"))).toEqual([]);
    expect(placesOf(thrown).filter((line) => line.includes(here)).length).toBeGreaterThan(0);
  });

  test("errors that refer to themselves end the search, and other values stay", () => {
    const error = new Error("x");
    error.cause = error;
    expect(withoutOurFrames(error)).toBe(error);
    expect(withoutOurFrames("text")).toBe("text");
  });
});
