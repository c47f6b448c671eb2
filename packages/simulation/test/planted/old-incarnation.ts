import { onMessage, type Planted, send } from "./kit.ts";

export const oldIncarnation: Planted = {
  name: "message to an old incarnation",
  story:
    "a report that a worker is down arrives after its next life said hello; fix: reports name the life",
  check: "a worker that is up is known",
  build: (bug) => {
    const known = new Map<string, number>();
    return {
      nodes: {
        worker: (world) => {
          const life = world.clock.wallMs();
          world.network.onLink((peer, state) => {
            if (state === "up") send(world, peer, "hello", life);
          });
        },
        watcher: (world) => {
          let life = 0;
          onMessage(world, { hello: (_from, of) => (life = Number(of)) });
          world.network.onLink((peer, state) => {
            if (peer === "worker" && state === "down") send(world, "master", "down", life);
          });
        },
        master: (world) => {
          onMessage(world, {
            hello: (from, life) => known.set(from, Number(life)),
            down: (_from, life) => {
              if (bug || known.get("worker") === Number(life)) known.delete("worker");
            },
          });
        },
      },
      network: { maxDelayMs: 10 },
      faults: { kinds: ["crash"], nodes: ["worker"], fromMs: 20, untilMs: 200, everyMs: 100, lastMs: [1, 10] },
      workload: (cluster) => {
        cluster.at(300, () => {
          const isRunning = cluster.simulation.isRunning("worker");
          cluster.check("a worker that is up is known", !isRunning || known.has("worker"));
        });
      },
    };
  },
};
