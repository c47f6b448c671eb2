import { Clock } from "@void-system/effects/world";
import { describe, expect, test } from "vitest";
import { nodeStatuses, runStatus } from "../../../src/cli/commands/status.ts";
import { Http } from "../../../src/clients/http-client.ts";
import { ScriptedCluster } from "../../support/cluster.ts";
import { NODES, begin, cluster } from "../../support/program.ts";
import { Steps, Watched } from "../../support/steps.ts";

describe("void status", () => {
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
