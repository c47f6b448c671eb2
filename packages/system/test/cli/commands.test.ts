/**
 * The programs of the `void` command, on a machine that goes on step by step: no process, no socket, no time.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Eff, type Outcome, all } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { afterAll, describe, expect, test } from "vitest";
import type { ClusterFile } from "../../src/cli/cluster-file.ts";
import type { CommandNeeds } from "../../src/cli/command.ts";
import { runDemo } from "../../src/cli/commands/demo.ts";
import { runDev, startCluster } from "../../src/cli/commands/dev.ts";
import { nodeStatuses, runStatus } from "../../src/cli/commands/status.ts";
import { runImport } from "../../src/cli/commands/import.ts";
import { runPlace } from "../../src/cli/commands/place.ts";
import { runWhy } from "../../src/cli/commands/why.ts";
import { ClusterStore } from "../../src/clients/cluster-store.ts";
import { CommandError, UnreachableClusterError } from "../../src/errors.ts";
import { Http } from "../../src/clients/http-client.ts";
import { Store } from "../../src/store/store.ts";
import { readDataset } from "../../src/telemetry/dataset.ts";
import { readBack } from "../../src/telemetry/read-back.ts";
import { ScriptedCluster, type Script } from "../support/cluster.ts";
import { writeDataset } from "../support/dataset.ts";
import { Steps, Watched, cancelEverywhere } from "../support/steps.ts";

const folder = mkdtempSync(join(tmpdir(), "void-cli-"));
const dev = join(folder, "dev");
const petshop = writeDataset(folder, "small", 8);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NODES = ["node0", "node1", "node2", "node3"];
const addresses = [6_000, 6_001, 6_002, 6_003].map((port) => ({ host: "127.0.0.1", port }));
const cluster: ClusterFile = {
  version: 1,
  host: "127.0.0.1",
  adminToken: "",
  nodes: NODES.map((id, index) => ({ id, pid: 1, resp: 6_000 + index, http: 8_000 + index, config: "" })),
};

/** A program at work on a scripted machine. */
function begin<A>(program: () => Eff<CommandNeeds, A>, script?: Script) {
  const steps = new Steps();
  const machine = new ScriptedCluster(steps, script);
  return { steps, machine, watched: new Watched(steps, () => machine.run(program)) };
}

/** A program on the store of a cluster that runs. */
const inStore = <R, A>(program: () => Eff<R, A>) => Store.handle(new ClusterStore(addresses, "admin"), program);

const errorOf = (outcome: Outcome<unknown>): unknown => (outcome.type === "failed" ? outcome.error : outcome);

/** What was started was ended; nothing but what was started. */
function expectAllEnded({ trace }: ScriptedCluster): void {
  const of = (what: string): string[] => trace.filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
  expect(of("end").toSorted()).toEqual(of("start").toSorted());
}

describe("void dev", () => {
  test("starts the nodes, waits until they agree, runs until Ctrl-C, and ends them, the last one first", () => {
    const { machine, watched } = begin(() => runDev(dev, 4), { notReady: 9 });
    watched.goOn(1_000);
    expect(machine.printed).toMatchObject([{ version: 1, nodes: NODES.map((id, index) => ({ id, resp: 6_000 + index, pid: 1_001 + index })) }]);
    // Each gateway has answered a command, and is left alone again.
    expect(machine.ports).toEqual([6_000, 6_001, 6_002, 6_003]);
    expect(machine.connected.size).toBe(0);
    expect(existsSync(join(dev, "cluster.json"))).toBe(true);
    machine.interrupt();
    expect(watched.end()).toEqual({ type: "done", value: undefined });
    expect(machine.trace).toEqual(["start hold", ...NODES.map((id) => `start ${id}`), ...NODES.toReversed().map((id) => `end ${id}`), "end hold"]);
    expect(machine.told.at(-1)).toBe("void: stopping");
    expect(existsSync(join(dev, "cluster.json"))).toBe(false);
  });

  test("tells of a node that ends, and how to start it again", () => {
    const { machine, watched } = begin(() => runDev(dev, 4));
    watched.goOn(1_000);
    machine.end("node2", "SIGKILL");
    expect(machine.told.at(-1)).toBe(`void: node2 ended (SIGKILL); start it again with: void node --config ${join(dev, "node2", "config.json")}`);
    machine.interrupt();
    expect(watched.end().type).toBe("done");
    expectAllEnded(machine);
  });

  test("a node that ends while the cluster starts ends it, with the last lines of its log", () => {
    const { machine, watched } = begin(() => runDev(dev, 4), { notReady: 99, dies: { node: "node1", afterQuestions: 20 } });
    expect(errorOf(watched.end())).toMatchObject({ code: "ERR_NODE_ENDED", message: "node1: SIGSEGV; the last lines of the log:\nnode1: the log of node1" });
    expectAllEnded(machine);
  });

  test("nodes that are not ready within a minute are given up", () => {
    const { steps, machine, watched } = begin(() => runDev(dev, 4), { notReady: Infinity });
    expect(errorOf(watched.end())).toMatchObject({ code: "ERR_NODE_ENDED", message: expect.stringMatching(/^the cluster: not ready within 60000 ms/) });
    expect(steps.monotonicMs()).toBe(60_010);
    expectAllEnded(machine);
  });

  test("a node that does not heed SIGTERM is killed after a while, the others are ended meanwhile", () => {
    const { steps, machine, watched } = begin(() => runDev(dev, 4), { stubborn: "node3" });
    watched.goOn(1_000);
    machine.interrupt();
    watched.end();
    expect(steps.monotonicMs()).toBe(15_010);
    expect(machine.trace.slice(5)).toEqual(["end node2", "end node1", "end node0", "end node3", "end hold"]);
  });

  test("a second cluster in the same folder is refused, however early it comes, and the first one's file stays", () => {
    let refusal: unknown;
    const { machine, watched } = begin(function* () {
      const second = function* (): Generator<CommandNeeds, void> {
        try {
          yield* startCluster(dev, 4);
        } catch (error) {
          refusal = error;
        }
      };
      yield* all([() => runDev(dev, 4), second]);
    });
    watched.goOn(1_000);
    expect(refusal).toMatchObject({ code: "ERR_ALREADY_RUNNING" });
    expect(existsSync(join(dev, "cluster.json"))).toBe(true);
    machine.interrupt();
    expect(watched.end().type).toBe("done");
    expect(machine.trace.filter((line) => line.startsWith("start"))).toHaveLength(1 + NODES.length);
    expectAllEnded(machine);
  });

  test("nodes that outlive whoever started them are a cluster, too", () => {
    mkdirSync(dev, { recursive: true });
    // What answers as those processes would.
    const nodes = NODES.map((id, index) => ({ id, pid: 0, resp: 1, http: 8_000 + index, config: "" }));
    writeFileSync(join(dev, "cluster.json"), JSON.stringify({ ...cluster, nodes }));
    const { machine, watched } = begin(() => startCluster(dev, 4));
    expect(errorOf(watched.end())).toMatchObject({ code: "ERR_ALREADY_RUNNING" });
    expect(machine.trace).toEqual(["start hold", "end hold"]);
    expect(existsSync(join(dev, "cluster.json"))).toBe(true);
    rmSync(join(dev, "cluster.json"));
  });

  test("cancelled wherever it waits: every node that was started is ended, and nothing is left", () => {
    let machine: ScriptedCluster;
    const waits = cancelEverywhere(
      (steps) => {
        machine = new ScriptedCluster(steps, { notReady: 9, stubborn: "node1" });
        return () => machine.run(() => startCluster(dev, 4));
      },
      (_, at) => {
        expectAllEnded(machine);
        expect(existsSync(join(dev, "cluster.json")), `at ${at}`).toBe(false);
      },
    );
    expect(waits).toBeGreaterThan(20);
  });
});

describe("void demo", () => {
  test("imports, explains, places, and shows that all nodes agree", () => {
    const { machine, watched } = begin(() => runDemo(petshop));
    expect(watched.end()).toEqual({ type: "done", value: undefined });
    expect(machine.printed).toMatchObject([
      { dataset: "small", measurements: 46, written: 46, emptyCells: 2, stopped: false },
      { service: "api", causes: [{ service: "db" }], trueCauseRank: 1 },
      { placement: { api: expect.stringMatching(/^node/), db: expect.stringMatching(/^node/) } },
      NODES.map((nodeId) => ({ nodeId, executed: 7 })),
    ]);
    expectAllEnded(machine);
    expect(existsSync(machine.folder)).toBe(false);
  });

  test("cancelled wherever it waits: no node, no bar and no folder is left", () => {
    let machine: ScriptedCluster;
    const waits = cancelEverywhere(
      (steps) => {
        machine = new ScriptedCluster(steps);
        return () => machine.run(() => runDemo(petshop));
      },
      (_, at) => {
        expectAllEnded(machine);
        expect(machine.folder === "" || !existsSync(machine.folder), `at ${at}`).toBe(true);
      },
    );
    expect(waits).toBeGreaterThan(40);
  });
});

describe("void import, why, place, status", () => {
  test("an import that was cancelled, wherever it waited, says how far it came, and the next one goes on from there", () => {
    const dataset = readDataset(writeDataset(folder, "larger", 400));
    let machine: ScriptedCluster;
    cancelEverywhere(
      (steps) => {
        machine = new ScriptedCluster(steps);
        return () => machine.run(() => inStore(() => runImport(dataset)));
      },
      (outcome, at) => {
        const [report] = machine.printed as { measurements: number; written: number; stopped: boolean }[];
        expect(report?.stopped, `at ${at}`).toBe(outcome.type === "cancelled");
        expectAllEnded(machine);
        const steps = new Steps();
        const next = new ScriptedCluster(steps);
        for (const [key, value] of machine.values) next.values.set(key, value);
        const again = new Watched(steps, () => next.run(() => inStore(function* () {
          yield* runImport(dataset);
          return yield* readBack("larger");
        })));
        expect(again.end(), `at ${at}`).toEqual({ type: "done", value: dataset });
        const [second] = next.printed as { written: number; before: number }[];
        // A flight that was cut short may be in, and counts as there before, or is written again, to the same keys.
        expect(second!.before, `at ${at}`).toBeGreaterThanOrEqual(report!.written);
        expect(second!.written + second!.before).toBe(report!.measurements);
      },
    );
  });

  test("an import that fails says so, and how far it came", () => {
    const { machine, watched } = begin(() => inStore(() => runImport(readDataset(petshop))), { answers: ["NOPERM this capability does not permit it"] });
    expect(errorOf(watched.end())).toBeInstanceOf(CommandError);
    expect(machine.printed).toMatchObject([{ written: 0, stopped: true }]);
    expectAllEnded(machine);
  });

  test("what is not there cannot be explained, and nothing can be placed on nobody", () => {
    const why = begin(() => inStore(() => runWhy("api", { dataset: "small", top: "5" })));
    expect(errorOf(why.watched.end())).toMatchObject({ code: "ERR_DATASET", message: expect.stringContaining("import it first") });
    const place = begin(() => inStore(function* () {
      yield* runImport(readDataset(petshop));
      yield* runPlace(cluster, "small");
    }), { silent: NODES });
    expect(errorOf(place.watched.end())).toMatchObject({ code: "ERR_PLACEMENT" });
    expect(place.machine.values.has("void/placement")).toBe(false);
  });

  test("how many causes is a count", () => {
    for (const top of ["many", "0", "-1", "1.5", ""]) {
      expect(errorOf(begin(() => inStore(() => runWhy("api", { dataset: "small", top }))).watched.end()), top).toMatchObject({ code: "ERR_USAGE" });
    }
  });

  test("a node that does not answer is shown as such, and is no success", () => {
    const { machine, watched } = begin(() => runStatus(cluster), { silent: ["node1"] });
    expect(watched.end()).toEqual({ type: "done", value: 1 });
    expect(machine.printed).toMatchObject([[{ nodeId: "node0" }, undefined, { nodeId: "node2" }, { nodeId: "node3" }]]);
    expect(begin(() => runStatus(cluster)).watched.end()).toEqual({ type: "done", value: 0 });
  });

  test("what is no node, and answers where one was, is shown as none", () => {
    const foreign = { node0: null, node1: "up", node2: { nodeId: "node2", ready: true, pid: 1, stateDigest: 5 }, node3: {} };
    const { machine, watched } = begin(() => runStatus(cluster), { foreign });
    expect(watched.end()).toEqual({ type: "done", value: 1 });
    expect(machine.printed).toEqual([[undefined, undefined, undefined, undefined]]);
  });

  test("one that never answers is given two seconds", () => {
    const steps = new Steps();
    const machine = new ScriptedCluster(steps);
    const hanging = { json: () => Clock.handle(steps, () => Clock.sleep(Infinity)) };
    const watched = new Watched(steps, () => machine.run(() => Http.handle(hanging, () => nodeStatuses(cluster))));
    expect(watched.end()).toEqual({ type: "done", value: NODES.map(() => undefined) });
    expect(steps.monotonicMs()).toBe(2_000);
  });
});

describe("the store of a cluster", () => {
  const get = () => inStore(() => Store.get("k"));

  test("goes on with the next node when one does not answer, or may answer later", () => {
    const { machine, watched } = begin(get, { answers: [new Error("connect ECONNREFUSED"), "BUSY too much waits here", "SHUTDOWN this node is stopping"] });
    expect(watched.end()).toEqual({ type: "done", value: undefined });
    expect(machine.ports).toEqual([6_000, 6_001, 6_002, 6_003]);
  });

  test("a refusal is final", () => {
    const { machine, watched } = begin(get, { answers: ["NOPERM not this key"] });
    expect(errorOf(watched.end())).toMatchObject({ code: "ERR_COMMAND", message: "GET was refused: NOPERM not this key" });
    expect(machine.ports).toEqual([6_000]);
  });

  test("gives up after five rounds with a pause between, and says what it heard last", () => {
    const { steps, machine, watched } = begin(get, { answers: Array.from({ length: 99 }, (_, index) => new Error(`refused ${index}`)) });
    const error = errorOf(watched.end());
    expect(error).toBeInstanceOf(UnreachableClusterError);
    expect(String(error)).toContain("last: refused 19");
    expect(machine.ports).toHaveLength(20);
    expect(steps.monotonicMs()).toBe(4 * 500);
  });

  test("commands side by side leave a bad node together", () => {
    const down = Array.from({ length: 3 }, () => new Error("connect ECONNREFUSED"));
    const { machine, watched } = begin(() => inStore(() => all([1, 2, 3].map((key) => () => Store.get(String(key))))), { answers: down });
    expect(watched.end().type).toBe("done");
    expect(machine.ports).toEqual([6_000, 6_000, 6_000, 6_001, 6_001, 6_001]);
  });
});
