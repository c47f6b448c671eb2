import { every, hear, openLines, type Planted, tell, whenLinked } from "./kit.ts";

export const fsyncIgnored: Planted = {
  name: "fsync ignored",
  story:
    "the store says that a write is kept before the disk does, and a power cut comes; right: it says so after the sync",
  check: "what was acknowledged is kept",
  build: (bug) => {
    let acknowledged = 0;
    return {
      nodes: {
        store: (world, { check }) => {
          openLines(world, (lines) => {
            check("what was acknowledged is kept", lines.found.length >= acknowledged, `${lines.found.length}`);
            hear(world, {
              put: (from, value = "") => {
                lines.append(value);
                if (bug) tell(world, from, "kept");
                lines.sync(() => {
                  if (!bug) tell(world, from, "kept");
                });
              },
            });
          });
        },
        client: (world) => {
          hear(world, { kept: () => (acknowledged += 1) });
          whenLinked(world, ["store"], () => every(world, 30, () => tell(world, "store", "put", "x")));
        },
      },
      disk: { syncMinMs: 1, syncMaxMs: 20, tornWrites: false },
      faults: { kinds: ["crash"], nodes: ["store"], fromMs: 20, untilMs: 900, everyMs: 150, lastMs: [10, 50] },
      until: 1_000,
    };
  },
};
