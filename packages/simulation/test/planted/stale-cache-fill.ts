import { hear, type Planted, tell, whenLinked } from "./kit.ts";

export const staleCacheFill: Planted = {
  name: "stale cache fill",
  story:
    "a value read before a write is put into the cache after the write has cleared it; right: a fill names its version",
  check: "the cache agrees in the end",
  build: (bug) => {
    let written = 0;
    let cached: number | undefined;
    return {
      nodes: {
        store: (world) => {
          let value = 0;
          hear(world, { read: (from) => tell(world, from, "value", value) });
          whenLinked(world, ["cache"], () => {
            world.clock.schedule(world.random.next() * 40, () => {
              written = value = 1;
              tell(world, "cache", "clear", value);
            });
          });
        },
        reader: (world) => {
          hear(world, { value: (_from, value) => tell(world, "cache", "fill", value ?? 0) });
          whenLinked(world, ["store", "cache"], () => {
            world.clock.schedule(world.random.next() * 40, () => tell(world, "store", "read"));
          });
        },
        cache: (world) => {
          let least = 0;
          hear(world, {
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
