import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { all } from "@void-system/effects/fibers";
import { afterAll, describe, expect, test } from "vitest";
import type { CommandNeeds } from "../../../src/cli/command.ts";
import { runDev, startCluster } from "../../../src/cli/commands/dev.ts";
import { ScriptedCluster } from "../../support/cluster.ts";
import { NODES, begin, clusterFile, errorOf, expectAllEnded } from "../../support/program.ts";
import { cancelEverywhere } from "../../support/steps.ts";

const folder = mkdtempSync(join(tmpdir(), "void-dev-"));
const dev = join(folder, "dev");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
    writeFileSync(join(dev, "cluster.json"), JSON.stringify({ ...clusterFile, nodes }));
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
