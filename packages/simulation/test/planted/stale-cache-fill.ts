import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

export const staleCacheFill: Planted = {
  name: "stale cache fill",
  story:
    "a value read before a write fills the cache after the write has cleared it; fix: fills name their version",
  check: "the cache agrees in the end",
  build: (bug) => {
    let written = 0;
    let cached: number | undefined;
    return {
      nodes: {
        store: (world) => {
          let value = 0;
          onMessage(world, { read: (from) => send(world, from, "value", value) });
          whenLinked(world, ["cache"], () => {
            world.clock.schedule(world.random.next() * 40, () => {
              written = value = 1;
              send(world, "cache", "clear", value);
            });
          });
        },
        reader: (world) => {
          onMessage(world, { value: (_from, value) => send(world, "cache", "fill", value ?? 0) });
          whenLinked(world, ["store", "cache"], () => {
            world.clock.schedule(world.random.next() * 40, () => send(world, "store", "read"));
          });
        },
        cache: (world) => {
          let least = 0;
          onMessage(world, {
            clear: (_from, version) => {
              cached = undefined;
              least = Number(version);
            },
            fill: (_from, value) => {
              if (bug || Number(value) >= least) cached = Number(value);
            },
          });
        },
      },
      network: { maxDelayMs: 10 },
      workload: (cluster) => {
        cluster.at(200, () => {
          cluster.check(
            "the cache agrees in the end",
            cached === undefined || cached === written,
            `${cached}, not ${written}`
          );
        });
      },
    };
  },
};
