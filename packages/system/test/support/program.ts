/**
 * Programs of the `void` command on a scripted cluster: no process, no socket, no time.
 */
import type { Eff, Need, Outcome } from "@void-system/effects/fibers";
import { expect } from "vitest";
import type { ClusterFile } from "../../src/cli/cluster-file.ts";
import type { CommandNeeds } from "../../src/cli/command.ts";
import { type Profile, profileOf } from "../../src/cli/profile.ts";
import { ClusterStore } from "../../src/clients/cluster-store.ts";
import { Store } from "../../src/store/store.ts";
import { ScriptedCluster, type Script } from "./cluster.ts";
import { Steps, Watched } from "./steps.ts";

export const NODES: readonly string[] = ["node0", "node1", "node2", "node3"];
const addresses = [6_000, 6_001, 6_002, 6_003].map((port) => ({ host: "127.0.0.1", port }));
export const clusterFile: ClusterFile = {
  version: 1,
  host: "127.0.0.1",
  adminToken: "",
  nodes: NODES.map((id, index) => ({ id, pid: 1, resp: 6_000 + index, http: 8_000 + index, config: "" })),
};

export const cluster: Profile = profileOf(clusterFile);

interface Begun<A> {
  readonly steps: Steps;
  readonly machine: ScriptedCluster;
  readonly watched: Watched<A>;
}

/** A program at work on a scripted machine. */
export function begin<A>(program: () => Eff<CommandNeeds, A>, script?: Script): Begun<A> {
  const steps = new Steps();
  const machine = new ScriptedCluster(steps, script);
  return { steps, machine, watched: new Watched(steps, () => machine.run(program)) };
}

/** A program on the store of a cluster that runs. */
export function inStore<R, A>(program: () => Eff<R, A>): Eff<Exclude<R, Need<"void.store">> | Need<"void.redis"> | Need<"void.clock">, A> {
  return Store.handle(new ClusterStore(addresses, "admin"), program);
}

export const errorOf = (outcome: Outcome<unknown>): unknown => (outcome.type === "failed" ? outcome.error : outcome);

/** Checks that everything that was started, and nothing else, was ended. */
export function expectAllEnded({ trace }: ScriptedCluster): void {
  const of = (what: string): string[] => trace.filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
  expect(of("end").toSorted()).toEqual(of("start").toSorted());
}
