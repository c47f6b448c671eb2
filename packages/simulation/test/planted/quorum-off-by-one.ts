import { type Cluster, onMessage, type Planted, type Program, send } from "./kit.ts";

const REPLICAS = ["r0", "r1", "r2"];

export const quorumOffByOne: Planted = {
  name: "quorum off by one",
  story: "a write goes to two of three replicas, and a read asks only one; fix: ask two",
  check: "a read sees the writes before it",
  build: (bug) => {
    const replica: Program = (world) => {
      const others = REPLICAS.filter((id) => id !== world.network.self);
      const readers: ((version: number) => void)[] = [];
      const writers: (() => void)[] = [];
      let held = 0;
      onMessage(world, {
        store: (from, version) => {
          held = Math.max(held, Number(version));
          send(world, from, "stored");
        },
        stored: () => writers.shift()?.(),
        ask: (from) => send(world, from, "have", held),
        have: (_from, version) => readers.shift()?.(Number(version)),
      });
      return {
        api: {
          put: (version, done) => {
            held = Math.max(held, version);
            writers.push(done);
            for (const other of others) send(world, other, "store", version);
          },
          get: (done) => {
            if (bug) return done(held);
            readers.push((version) => done(Math.max(held, version)));
            for (const other of others) send(world, other, "ask");
          },
        },
      };
    };
    const start = (cluster: Cluster): void => {
      const random = cluster.random("client");
      cluster.at(10, () => {
        cluster.call("r0", (first) => {
          first.put?.(1, () => {
            const at = REPLICAS[random.below(3)] ?? "r0";
            cluster.call(at, (second) => {
              second.get?.((version) =>
                cluster.check("a read sees the writes before it", version === 1, `${at}: ${version}`)
              );
            });
          });
        });
      });
    };
    return { nodes: { r0: replica, r1: replica, r2: replica }, workload: start, network: { maxDelayMs: 20 } };
  },
};
