import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { replayCommand } from "../src/cli/replay-command.ts";
import type { Scenario } from "../src/index.ts";
import { simulation, SimulationFailedError } from "../src/vitest/index.ts";
import { runSimulation } from "../src/vitest/simulation.ts";
import { doubleDelivery } from "./planted/double-delivery.ts";

const scratch = mkdtempSync(join(tmpdir(), "void-vitest-"));
afterAll(() => rmSync(scratch, { recursive: true }));

// A real test that the helper defines.
simulation("what is right passes", { scenario: () => doubleDelivery.build(false), seeds: 20 });

const failing = { scenario: () => doubleDelivery.build(true) };

async function messageOf(run: () => Promise<void>): Promise<string> {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(SimulationFailedError);
    return (error as Error).message;
  }
  throw new Error("expected a failure");
}

describe("a failure", () => {
  test("names the seed, shows the chart, and prints the command that repeats it", async () => {
    expect(await messageOf(() => runSimulation("it's $5 (twice)", failing, join(process.cwd(), "test/a.test.ts"))))
      .toMatchInlineSnapshot(`
        "seed 3 fails: expected "each order is sent once" to hold, but it did not: o3 [seed 3, at 5.078 ms, trace 848d3dcb07b1ea21; the same seed repeats it]
        (4 seeds, 13 frames; 9 events reduced to 7)
        (shrinking has led to seed 19: the chart and the saved run are of that seed)

        event       ms  shop     depot
            1    0.000  o        :        shop starts
            2    0.000  |        o        depot starts
            3    0.001  ~        |        shop: links reported
            4    0.200  ~        |        shop: link to depot up
            5    0.200  |        ~        depot: link to shop up
            6    0.400  |------->|        depot gets "order o1" from shop
            7    0.401  |------->|        depot gets "order o1" from shop (duplicate)
         FAIL    0.401  |        |        expected "each order is sent once" to hold, but it did not: o1 [seed 19, at 0.401 ms, trace f7bbb884374a6cfc; its plan repeats it]

        again: VOID_SEED=3 npx vitest run test/a.test.ts -t 'it'\\''s \\$5 \\(twice\\)'"
      `);
  });

  test("is repeated alone by VOID_SEED", async () => {
    const withSeed = async (seed: string, run: () => Promise<void>): Promise<void> => {
      process.env["VOID_SEED"] = seed;
      try {
        await run();
      } finally {
        delete process.env["VOID_SEED"];
      }
    };
    await withSeed("3", async () => expect(await messageOf(() => runSimulation("x", failing, "a.ts"))).toContain("seed 3 fails"));
    await withSeed("2", async () => expect(await runSimulation("x", failing, "a.ts")).toBeUndefined());
    await withSeed("x", () => expect(runSimulation("x", failing, "a.ts")).rejects.toThrow(RangeError));
  });

  test("lets other work have its turn, and the runner can cancel it", async () => {
    const abort = new AbortController();
    let runs = 0;
    const scenario: Scenario = () => {
      runs += 1;
      return { nodes: { a: ({ clock }) => void clock.schedule(1, () => undefined) } };
    };
    setImmediate(() => abort.abort());
    await runSimulation("x", { scenario, seeds: 1_000_000 }, "a.ts", abort.signal);
    expect(runs).toBeLessThan(1_000_000);
  });

  test("is reported when the runner cancels its shrinking", async () => {
    const abort = new AbortController();
    const onProgress = ({ shrinkRuns = 0 }): void => {
      if (shrinkRuns === 5) abort.abort();
    };
    const message = await messageOf(() => runSimulation("x", { ...failing, onProgress }, "a.ts", abort.signal));
    expect(message).toContain("seed 3 fails");
    expect(message).toContain("; more runs than 5 may make it smaller)");
  });

  test("is drawn and saved on request, and the saved run can be replayed", async () => {
    mkdirSync(join(scratch, "source"));
    const module = join(scratch, "source", "twice.mjs");
    writeFileSync(
      module,
      `export const scenario = () => ({
        network: { duplicate: 0.5 },
        nodes: {
          a: ({ network }) => void network.onLink((peer) => void network.send(peer, new Uint8Array(1))),
          b: ({ network }, { check }) => {
            let got = 0;
            network.onFrame(() => check("once", ++got === 1));
          },
        },
      });`
    );
    const { scenario } = (await import(pathToFileURL(module).href)) as { scenario: Scenario };
    const options = {
      scenario,
      svg: join(scratch, "charts"),
      save: { folder: join(scratch, "saved"), module: pathToFileURL(module) },
    };
    const message = await messageOf(() => runSimulation("comes: once!", options, "a.ts"));
    const file = /replay: npx @void-system\/simulation replay (\S+)/.exec(message)?.[1] ?? "";
    expect(file).toMatch(/saved\/comes-once--\d+\.json$/);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      module: "../source/twice.mjs",
      scenario: "scenario",
    });
    expect(readFileSync(/chart: (\S+)/.exec(message)?.[1] ?? "", "utf8")).toMatch(/^<svg /);

    const { exitCode, out } = await replayCommand(file, {});
    expect(out).toContain("it fails: violation once\n");
    expect(exitCode).toBe(1);
  });
});
