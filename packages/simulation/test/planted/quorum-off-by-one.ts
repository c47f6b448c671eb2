import { type Cluster, hear, type Planted, type Program, tell } from "./kit.ts";

const REPLICAS = ["r0", "r1", "r2"];

export const quorumOffByOne: Planted = {
  name: "quorum off by one",
  story: "two of three must know a write, and one is asked for a read; right: two are asked",
  check: "a read sees the writes before it",
  build: (bug) => {
    const replica: Program = (world) => {
      const others = REPLICAS.filter((id) => id !== world.network.self);
      const readers: ((version: number) => void)[] = [];
      const writers: (() => void)[] = [];
      let held = 0;
      hear(world, {
        store: (from, version) => {
          held = Math.max(held, Number(version));
          tell(world, from, "stored");
        },
        stored: () => writers.shift()?.(),
        ask: (from) => tell(world, from, "have", held),
        have: (_from, version) => readers.shift()?.(Number(version)),
      });
      return {
        api: {
          put: (version, done) => {
            held = Math.max(held, version);
            writers.push(done);
            for (const other of others) tell(world, other, "store", version);
          },
          get: (done) => {
            if (bug) return done(held);
            readers.push((version) => done(Math.max(held, version)));
            for (const other of others) tell(world, other, "ask");
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
