import { hear, type Planted, tell, whenLinked } from "./kit.ts";

export const lostWakeup: Planted = {
  name: "lost wakeup",
  story:
    "a job comes between a look at the queue and going to sleep; right: who goes to sleep is told of what is there",
  check: "every job is done",
  build: (bug) => {
    let done = 0;
    return {
      nodes: {
        queue: (world) => {
          const jobs: string[] = [];
          let sleeper: string | undefined;
          const wake = (): void => {
            if (sleeper !== undefined) tell(world, sleeper, "wake");
            sleeper = undefined;
          };
          hear(world, {
            job: (_from, job = "") => {
              jobs.push(job);
              wake();
            },
            take: (from) => tell(world, from, "taken", jobs.shift() ?? "none"),
            sleep: (from) => {
              sleeper = from;
              if (!bug && jobs.length > 0) wake();
            },
          });
        },
        worker: (world) => {
          const take = (): void => tell(world, "queue", "take");
          hear(world, {
            taken: (_from, job) => {
              if (job === "none") return tell(world, "queue", "sleep");
              done += 1;
              take();
            },
            wake: take,
          });
          whenLinked(world, ["queue"], take);
        },
        client: (world) => {
          whenLinked(world, ["queue"], () => {
            world.clock.schedule(world.random.next() * 20, () => tell(world, "queue", "job", "j1"));
          });
        },
      },
      workload: (cluster) => cluster.at(200, () => cluster.check("every job is done", done === 1)),
    };
  },
};
