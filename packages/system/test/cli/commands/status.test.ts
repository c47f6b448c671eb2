import { suspend } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { describe, expect, test } from "vitest";
import { nodeStatuses, runStatus } from "../../../src/cli/commands/status.ts";
import { Http } from "../../../src/clients/http-client.ts";
import { Redis } from "../../../src/clients/redis-client.ts";
import { CommandError } from "../../../src/errors.ts";
import type { Problem } from "../../../src/node/problems.ts";
import { infoText } from "../../../src/resp/info.ts";
import { ScriptedCluster } from "../../support/cluster.ts";
import { NODES, begin, cluster } from "../../support/program.ts";
import { Steps, Watched } from "../../support/steps.ts";

/** A question over RESP: answered by a node, or not. */
const overResp = (answer: (port: number) => string) => ({
  send: ({ port }: { readonly port: number }) => suspend<unknown>((resume, fail) => {
    try {
      resume(Buffer.from(answer(port)));
    } catch (error) {
      fail(error);
    }
  }),
  leave: () => undefined,
});
const red: Problem = { name: "clock-off", about: "node1", level: "red", message: "an hour ahead" };

describe("void status", () => {
  test("a node that does not answer is shown as such, and is no success", () => {
    const { machine, watched } = begin(() => runStatus(cluster), { silent: ["node1"] });
    expect(watched.end()).toEqual({ type: "done", value: 1 });
    expect(machine.printed).toMatchObject([
      [{ endpoint: "127.0.0.1:8000", nodeId: "node0" }, { endpoint: "127.0.0.1:8001", error: "does not answer" }, { nodeId: "node2" }, { nodeId: "node3" }],
    ]);
    expect(begin(() => runStatus(cluster)).watched.end()).toEqual({ type: "done", value: 0 });
  });

  test("what is no node, and answers where one was, is shown as none", () => {
    const foreign = { node0: null, node1: "up", node2: { nodeId: "node2", ready: true, pid: 1, stateDigest: 5 }, node3: {} };
    const { machine, watched } = begin(() => runStatus(cluster), { foreign });
    expect(watched.end()).toEqual({ type: "done", value: 1 });
    expect(machine.printed).toMatchObject([Array.from({ length: 4 }, () => ({ error: "is no node: something else listens there" }))]);
  });

  test("one that never answers is given two seconds", () => {
    const steps = new Steps();
    const machine = new ScriptedCluster(steps);
    const hanging = { json: () => Clock.handle(steps, () => Clock.sleep(Infinity)) };
    const watched = new Watched(steps, () => machine.run(() => Http.handle(hanging, () => nodeStatuses(cluster))));
    expect(watched.end()).toEqual({ type: "done", value: NODES.map(() => undefined) });
    expect(steps.monotonicMs()).toBe(2_000);
  });

  test("one node that answers at several endpoints is named, and is no success", () => {
    const foreign = { node1: { nodeId: "node0", ready: true, pid: 1 } };
    const { machine, watched } = begin(() => runStatus(cluster), { foreign });
    expect(watched.end()).toEqual({ type: "done", value: 1 });
    expect(machine.lines).toContain("127.0.0.1:8001 is node0, where node1 was expected");
    expect(machine.lines).toContain("node0 answers at 127.0.0.1:8000 and 127.0.0.1:8001: one node was asked 2 times");
  });

  test("a red problem is shown once, with who sees it, and is no success", () => {
    const status = (nodeId: string, problem: Problem) => ({ nodeId, ready: true, pid: 1, problems: [problem] });
    const foreign = { node0: status("node0", red), node1: status("node1", { ...red, message: "in its own words" }) };
    const { machine, watched } = begin(() => runStatus(cluster), { foreign });
    expect(watched.end()).toEqual({ type: "done", value: 1 });
    expect(machine.lines.filter((line) => line.includes("clock-off"))).toEqual(["node1: clock-off (red, seen by node0, node1): in its own words"]);
    expect(machine.lines.find((line) => line.startsWith("node1 "))).toMatch(/ready, red/);
  });

  test("nodes without HTTP in the profile are asked over RESP, as INFO answers", () => {
    const nodes = [6_000, 6_001, 6_002].map((resp) => ({ host: "10.0.0.1", resp }));
    const status = { nodeId: "n1", ready: true, pid: 7, view: 2, executed: 5, stateDigest: "abc", keys: 3, capacity: { concurrency: 1 }, problems: [red] };
    const info = (port: number): string => {
      if (port === 6_001) throw new Error("connection refused");
      if (port === 6_002) throw new CommandError("INFO", "NOAUTH Authentication required.");
      return infoText({ ...status, cluster: "c", role: "replica", durability: "", links: [], gateway: {}, log: {}, uptimeSeconds: 1, faces: {}, heard: {} });
    };
    const asked = () => Redis.handle(overResp(info), () => runStatus({ nodes, token: () => "t" }));
    const { machine, watched } = begin(asked);
    expect(watched.end()).toEqual({ type: "done", value: 1 });
    expect(machine.printed).toEqual([
      [
        { endpoint: "10.0.0.1:6000", ...status },
        { endpoint: "10.0.0.1:6001", error: "does not answer" },
        { endpoint: "10.0.0.1:6002", error: "refuses: NOAUTH Authentication required." },
      ],
    ]);
  });
});
