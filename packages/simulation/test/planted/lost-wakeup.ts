import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

export const lostWakeup: Planted = {
  name: "lost wakeup",
  story:
    "a job arrives after the worker has checked the queue and before it sleeps; fix: check again when it sleeps",
  check: "every job is done",
  build: (bug) => {
    let done = 0;
    return {
      nodes: {
        queue: (world) => {
          const jobs: string[] = [];
          let sleeper: string | undefined;
          const wake = (): void => {
            if (sleeper !== undefined) send(world, sleeper, "wake");
            sleeper = undefined;
          };
          onMessage(world, {
            job: (_from, job = "") => {
              jobs.push(job);
              wake();
            },
            take: (from) => send(world, from, "taken", jobs.shift() ?? "none"),
            sleep: (from) => {
              sleeper = from;
              if (!bug && jobs.length > 0) wake();
            },
          });
        },
        worker: (world) => {
          const take = (): void => send(world, "queue", "take");
          onMessage(world, {
            taken: (_from, job) => {
              if (job === "none") return send(world, "queue", "sleep");
              done += 1;
              take();
            },
            wake: take,
          });
          whenLinked(world, ["queue"], take);
        },
        client: (world) => {
          whenLinked(world, ["queue"], () => {
            world.clock.schedule(world.random.next() * 20, () => send(world, "queue", "job", "j1"));
          });
        },
      },
      workload: (cluster) => cluster.at(200, () => cluster.check("every job is done", done === 1)),
    };
  },
};
