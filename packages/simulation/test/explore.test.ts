import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  chartOf,
  decodeRun,
  encodeRun,
  explore,
  type ExploreProgress,
  exploring,
  inTurns,
  NotAFunctionOfItsSeedError,
  SavedRunError,
  TraceVersionError,
} from "../src/index.ts";
import { runPlans } from "../src/fast-check/index.ts";
import { replayCommand } from "../src/cli/replay-command.ts";
import { shrinkCommand } from "../src/cli/shrink-command.ts";
import { type Fault, replay, type RunPlan, type Scenario, SimulationUseError, TRACE_VERSION } from "../src/index.ts";
import { fsyncIgnored } from "./planted/fsync-ignored.ts";
import { lostUpdate } from "./planted/lost-update.ts";

const scratch = mkdtempSync(join(tmpdir(), "void-explore-"));
afterAll(() => rmSync(scratch, { recursive: true }));

describe("explore", () => {
  test("finds the first failing seed, and describes it", () => {
    const finding = explore(() => lostUpdate.build(true));
    expect(finding).toMatchObject({ seed: 8, seedsRun: 9, found: { ok: false }, smallest: { ok: false } });
    expect(finding!.smallest.events).toBeLessThanOrEqual(finding!.found.events);
    expect(finding!.text).toContain("store gets");
    expect(finding!.text).toContain("no update is lost");
    expect(finding!.svg).toMatch(/^<svg /);
    expect(explore(() => lostUpdate.build(false), { seeds: 30 })).toBeUndefined();
    expect(explore(() => lostUpdate.build(true), { seeds: 8 })).toBeUndefined();
    expect(explore(() => lostUpdate.build(true), { firstSeed: 8, seeds: 1, shrinkRunsMax: 0 })?.smallest.seed).toBe(8);
  });

  test("refuses a scenario that keeps its state between runs", () => {
    let runs = 0;
    const scenario: Scenario = () => {
      runs += 1;
      const delayMs = runs;
      return { nodes: { a: ({ clock }) => void clock.schedule(delayMs, () => undefined) } };
    };
    expect(() => explore(scenario)).toThrow(NotAFunctionOfItsSeedError);
  });

  test("reports progress, and ends on request", () => {
    const reports: ExploreProgress[] = [];
    const whole = explore(() => lostUpdate.build(true), { onProgress: (progress) => void reports.push(progress) });
    expect(reports.map(({ seedsRun }) => seedsRun).slice(0, 3)).toEqual([1, 2, 3]);
    expect(reports.at(-1)).toMatchObject({ seed: 8, seedsRun: 9, seeds: 100, events: whole?.smallest.events });
    expect(reports.at(-1)?.shrinkRuns).toBeGreaterThan(10);
    expect(explore(() => lostUpdate.build(true), { onProgress: ({ seed }) => seed < 5 })).toBeUndefined();
    const spent: number[] = [];
    const stop = ({ shrinkRuns = 0 }: ExploreProgress): boolean => spent.push(shrinkRuns) > 0 && shrinkRuns < 3;
    expect(explore(() => lostUpdate.build(true), { onProgress: stop })).toMatchObject({ seed: 8 });
    expect(Math.max(...spent)).toBe(3);
    const found = explore(() => lostUpdate.build(true), { onProgress: ({ seed }) => seed < 8 });
    expect(found).toMatchObject({ seed: 8, seedsRun: 9 });
  });

  test("takes turns with other work, and a signal ends it with the result so far", async () => {
    // Each run has 20,000 events.
    const slow: Scenario = () => ({
      nodes: {
        a: ({ clock, random }, { check }) => {
          let ticks = 0;
          const tick = (): void => {
            check("ticks are few", (ticks += 1) < 20_000);
            clock.schedule(1 + random.next(), tick);
          };
          tick();
        },
      },
    });
    const controller = new AbortController();
    let turns = 0;
    const beat = (): void => {
      turns += 1;
      if (turns === 3) controller.abort();
      else setImmediate(beat);
    };
    setImmediate(beat);
    const finding = await inTurns(exploring(slow), { signal: controller.signal });
    expect(turns).toBe(3);
    expect(finding).toMatchObject({ seed: 0, found: { failure: { name: "ticks are few" } }, isMinimal: false });

    // Before a failure is found there is no result, within a run or after it.
    const right: Scenario = () => ({ ...slow(), nodes: { a: ({ clock }) => { const tick = (): void => void clock.schedule(1, tick); tick(); } } });
    expect(await inTurns(exploring(right), { onProgress: () => false })).toBeUndefined();
    expect(await inTurns(exploring(slow), { onProgress: ({ seedsRun }) => seedsRun > 0 })).toBeUndefined();
    expect(await inTurns(exploring(slow), { onProgress: ({ shrinkRuns }) => shrinkRuns === undefined })).toMatchObject({ shrinkRuns: 0 });

    const whole = await inTurns(exploring(() => lostUpdate.build(true)));
    expect(whole).toEqual(explore(() => lostUpdate.build(true)));
    expect(whole).toMatchObject({ isMinimal: true });
    await expect(inTurns(exploring(() => { throw new RangeError("mine"); }))).rejects.toThrow("mine");
  });

  test("refuses arguments with which nothing would run", () => {
    for (const seeds of [0, -1, 1.5, Number.NaN])
      expect(() => explore(() => lostUpdate.build(true), { seeds })).toThrow(SimulationUseError);
    expect(() => explore(lostUpdate.build(true) as never)).toThrow(SimulationUseError);
  });
});

const EMPTY: RunPlan = { seed: 0, faults: [], decisions: [], omitted: [], calm: [], forks: [] };
const FAULTS: readonly Fault[] = [
  { kind: "crash", atMs: 1, node: "a" },
  { kind: "pause", atMs: 1, forMs: 2, node: "a" },
  { kind: "partition", atMs: 1, groups: [["a"], ["b", "c"]] },
  { kind: "block", atMs: 0.5, from: "a", to: "b" },
  { kind: "clog", atMs: 1, from: "a", to: "b" },
  { kind: "link", atMs: 1, from: "a", to: "b", conditions: { loss: 0.5, delays: [0, 1, 1000], maxDelayMs: 9 } },
  { kind: "link", atMs: 1, from: "a", to: "b", conditions: { delays: "long-tail" } },
  { kind: "flap", atMs: 1, between: ["a", "b"], periodMs: 3 },
  { kind: "clock-jump", atMs: 1, node: "a", byMs: -5 },
  { kind: "clock-rate", atMs: 1, node: "a", driftPpm: -7 },
  { kind: "clock-freeze", atMs: 1, node: "a" },
  { kind: "disk-full", atMs: 1, node: "a" },
  { kind: "disk-slow", atMs: 1, node: "a", byMs: 3 },
  { kind: "bit-rot", atMs: 1, node: "a" },
];
const SAVED = {
  module: "./bank.js",
  scenario: "scenario",
  failure: { kind: "violation", name: "sum", message: "9, not 10" },
  traceHash: "00ff",
  plan: {
    ...EMPTY,
    seed: 7,
    faults: FAULTS,
    decisions: [{ event: 3, pick: 1 }],
    omitted: [2],
    times: [{ index: 1, atMs: 2.5 }],
    calm: ["loss", "delay"],
    forks: [{ event: 4, seed: 5 }],
    untilMs: 99.5,
  },
} as const;

interface Spoilable {
  version: number;
  traceVersion?: number;
  format: string;
  module: string;
  scenario: string;
  more: number;
  failure: { name: string };
  plan: {
    seed: number;
    calm?: string[];
    omitted: unknown;
    faults: { kind: string; byMs?: number; atMs?: number; between?: string[] }[];
  };
}

describe("a saved run", () => {
  test("is decoded as it was; its format is frozen", () => {
    expect(decodeRun(encodeRun(SAVED))).toEqual(SAVED);
    const named = { ...SAVED, failure: { ...SAVED.failure, name: "two\nlines" } };
    expect(decodeRun(encodeRun(named)).failure.name).toBe("two\u{fffd}lines");
    expect(encodeRun({ ...SAVED, plan: { ...EMPTY, faults: [FAULTS[0]!] } })).toMatchInlineSnapshot(`
      "{
        "format": "void-run",
        "version": 2,
        "traceVersion": 2,
        "module": "./bank.js",
        "scenario": "scenario",
        "failure": {
          "kind": "violation",
          "name": "sum",
          "message": "9, not 10"
        },
        "traceHash": "00ff",
        "plan": {
          "seed": 0,
          "faults": [
            {
              "kind": "crash",
              "atMs": 1,
              "node": "a"
            }
          ],
          "decisions": [],
          "omitted": [],
          "calm": [],
          "forks": []
        }
      }
      "
    `);
  });

  test.each<[string, (saved: Spoilable) => unknown]>([
    ["another version", (saved) => (saved.version = 1)],
    ["no version of its trace", (saved) => delete saved.traceVersion],
    ["half a version of its trace", (saved) => (saved.traceVersion = 0.5)],
    ["another format", (saved) => (saved.format = "zip")],
    ["an absolute module", (saved) => (saved.module = "/etc/passwd")],
    ["a module from the net", (saved) => (saved.module = "https://example.com/x.js")],
    ["a module as data", (saved) => (saved.module = "data:text/javascript,1")],
    ["a module that clears the terminal", (saved) => (saved.module = "./\u001b[2Jx.js")],
    ["a failure that clears the terminal", (saved) => (saved.failure.name = "\u001b[2J")],
    ["no export", (saved) => (saved.scenario = "a.b")],
    ["an unknown field", (saved) => (saved.more = 1)],
    ["a missing field", (saved) => delete saved.plan.calm],
    ["an unknown fault", (saved) => (saved.plan.faults[0]!.kind = "meteor")],
    ["a fault with a foreign field", (saved) => (saved.plan.faults[0]!.byMs = 1)],
    ["a fault without a time", (saved) => delete saved.plan.faults[0]!.atMs],
    ["a seed below 0", (saved) => (saved.plan.seed = -1)],
    ["half a seed", (saved) => (saved.plan.seed = 0.5)],
    ["a time without end", (saved) => (saved.plan.faults[0]!.atMs = 1e300)],
    ["a flap of three", (saved) => saved.plan.faults[7]!.between!.push("c")],
    ["a list that is none", (saved) => (saved.plan.omitted = {})],
    ["an unknown calm", (saved) => (saved.plan.calm = ["storm"])],
  ])("with %s is refused", (_name, spoil) => {
    const saved = JSON.parse(encodeRun(SAVED)) as Spoilable;
    spoil(saved);
    expect(() => decodeRun(JSON.stringify(saved))).toThrow(SavedRunError);
  });

  test("of another trace version is refused by an error of its own, by the command too", async () => {
    const text = encodeRun(SAVED).replace(/"traceVersion": \d+/, '"traceVersion": 999');
    expect(() => decodeRun(text)).toThrow(TraceVersionError);
    const file = join(scratch, "other-trace.json");
    writeFileSync(file, text);
    const { exitCode, err } = await replayCommand(file, {});
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(`trace version ${TRACE_VERSION}, got 999`) });
  });

  test("of any content is decoded or refused by these errors alone", () => {
    const text = encodeRun(SAVED);
    const spoiled = fc
      .tuple(fc.nat(text.length - 1), fc.nat(30), fc.string())
      .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), spoiled, fc.constant("[".repeat(50_000))), (given) => {
        try {
          decodeRun(given);
        } catch (error) {
          expect(error instanceof SavedRunError || error instanceof TraceVersionError, String(error)).toBe(true);
        }
      }),
      { numRuns: 500 }
    );
  });
});

/** A module of plain JavaScript, which `replay` loads. */
const MODULE = `
export function scenario() {
  return {
    nodes: {
      a: ({ network }) => { network.onLink((peer, state) => { if (state === "up") network.send(peer, new Uint8Array([1])); }); },
      b: ({ network }, { check }) => {
        let got = 0;
        network.onFrame(() => { got += 1; check("nothing comes", process.env.VOID_TEST_MENDED === "yes"); });
        return { state: () => ({ got }) };
      },
    },
  };
}
`;

function saved(name: string, change: Partial<typeof SAVED> = {}): string {
  const file = join(scratch, name);
  writeFileSync(file, encodeRun({ ...SAVED, plan: EMPTY, module: "./broken.mjs" as never, ...change }));
  return file;
}

describe("replay", () => {
  writeFileSync(join(scratch, "broken.mjs"), MODULE);
  const file = saved("run.json");

  test("ends with 1 while it fails, with the chart, and writes the SVG", async () => {
    const svg = join(scratch, "run.svg");
    const answer = await replayCommand(file, { svg });
    expect(answer).toMatchObject({ exitCode: 1, err: "" });
    expect(answer.out).toContain("b gets 1 byte (01) from a");
    expect(answer.out).toContain("it fails: violation nothing comes (saved: violation sum); the program has changed");
    expect(readFileSync(svg, "utf8")).toContain("</svg>");
  });

  test("ends with 0 once the bug is fixed", async () => {
    process.env["VOID_TEST_MENDED"] = "yes";
    try {
      expect(await replayCommand(file, {})).toMatchObject({ exitCode: 0, err: "" });
    } finally {
      delete process.env["VOID_TEST_MENDED"];
    }
  });

  test("goes to an event, and shows the state of each node", async () => {
    const { exitCode, out } = await replayCommand(file, { to: 2 });
    expect(exitCode).toBe(0);
    expect(out).toContain("after event 2, at 0 ms:");
    expect(out).toContain('state: {"got":0}');
  });

  test("ends with 2 for an invalid file", async () => {
    const nowhere = saved("nowhere.json", { module: "./nowhere.mjs" as never });
    const nothing = saved("nothing.json", { scenario: "other" as never });
    const binary = join(scratch, "binary.json");
    writeFileSync(binary, Uint8Array.of(0xff, 0xfe));
    for (const wrong of [nowhere, nothing, binary, join(scratch, "missing.json"), scratch]) {
      const { exitCode, err } = await replayCommand(wrong, {});
      expect(exitCode, wrong).toBe(2);
      expect(err).toContain(wrong);
    }
  });
});

describe("shrink", () => {
  const noisy = saved("noisy.json", {
    plan: { ...EMPTY, faults: [{ kind: "clock-jump", atMs: 0, node: "a", byMs: 7 }] },
  } as never);

  test("saves the smaller run beside the file or elsewhere, and it can be replayed", async () => {
    const { exitCode, out, err } = await shrinkCommand(noisy, {});
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: "" });
    expect(out).toContain("b gets 1 byte (01) from a");
    const small = join(scratch, "noisy-small.json");
    expect(out).toMatch(/it fails: violation nothing comes\n\d+ events reduced to \d+, in \d+ runs\nreplay: npx @void-system\/simulation replay /);
    expect(out).toContain(small);
    expect(decodeRun(readFileSync(small, "utf8"))).toMatchObject({ module: "./broken.mjs", plan: { faults: [] } });
    expect(await replayCommand(small, {})).toMatchObject({ exitCode: 1, out: expect.not.stringContaining("changed") });

    mkdirSync(join(scratch, "else where"));
    const other = join(scratch, "else where", "run.json");
    expect((await shrinkCommand(noisy, { out: other, runsMax: 3 })).out).toContain(`in 3 runs; more runs may make it smaller\nreplay: npx @void-system/simulation replay '${other}'`);
    expect(decodeRun(readFileSync(other, "utf8")).module).toBe("../broken.mjs");
    expect(await replayCommand(other, {})).toMatchObject({ exitCode: 1 });
  });

  test("ends with the smallest run so far when interrupted, with 0 when the run passes, with 2 for an invalid file", async () => {
    const out = join(scratch, "interrupted.json");
    const interrupted = await shrinkCommand(noisy, { out, signal: AbortSignal.abort() });
    expect(interrupted).toMatchObject({ exitCode: 130, out: expect.stringContaining(`replay: npx @void-system/simulation replay ${out}`) });
    expect(await replayCommand(out, {})).toMatchObject({ exitCode: 1 });
    process.env["VOID_TEST_MENDED"] = "yes";
    try {
      expect(await shrinkCommand(noisy, {})).toEqual({ exitCode: 0, out: "it passes now\n", err: "" });
    } finally {
      delete process.env["VOID_TEST_MENDED"];
    }
    expect(await shrinkCommand(join(scratch, "missing.json"), {})).toMatchObject({ exitCode: 2, out: "" });
  });
});

describe("as an arbitrary of fast-check", () => {
  test("plans are drawn, and shrunk together with the scenario's checks", () => {
    const scenario = () => fsyncIgnored.build(true);
    const found = fc.check(
      fc.property(runPlans(scenario), (plan) => replay(scenario, plan).ok),
      { seed: 3 }
    );
    expect(found.failed).toBe(true);
    const [plan] = found.counterexample!;
    expect(plan.faults.length).toBeLessThanOrEqual(2);
    expect(replay(scenario, plan)).toMatchObject({ ok: false });
    expect(chartOf(scenario, plan).result.events).toBeLessThan(100);
  });

  test("plans that break only the property are shrunk, too", () => {
    const scenario = () => fsyncIgnored.build(false);
    const found = fc.check(
      fc.property(runPlans(scenario), (plan) => plan.faults.filter(({ kind }) => kind === "crash").length < 2),
      { seed: 3 }
    );
    expect(found.counterexample![0].faults.length).toBe(2);
  });
});
