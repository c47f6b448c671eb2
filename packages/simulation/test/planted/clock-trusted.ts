import { SIMULATION_EPOCH_MS } from "../../src/index.ts";
import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

export const clockTrusted: Planted = {
  name: "clock trusted",
  story:
    "the wall clocks of two machines order writes, and one is slow; fix: a stamp exceeds all stamps seen",
  check: "the last write stays",
  build: (bug) => ({
    clock: { skewMs: 30 },
    nodes: {
      a: (world) => {
        // The first write; b writes once it has it.
        whenLinked(world, ["b"], () => send(world, "b", "first", world.clock.wallMs() - SIMULATION_EPOCH_MS));
      },
      b: (world, { check }) => {
        let held = { stamp: -Infinity, value: "" };
        const write = (stamp: number, value: string): void => {
          if (stamp > held.stamp) held = { stamp, value };
        };
        onMessage(world, {
          first: (_from, stamp) => {
            write(Number(stamp), "first");
            world.clock.schedule(world.random.next() * 50, () => {
              const now = world.clock.wallMs() - SIMULATION_EPOCH_MS;
              write(bug ? now : Math.max(now, held.stamp + 1), "second");
              check("the last write stays", held.value === "second");
            });
          },
        });
      },
    },
  }),
};
