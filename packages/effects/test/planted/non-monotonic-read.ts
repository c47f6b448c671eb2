import { every, hear, openLines, type Planted, tell, whenLinked } from "./kit.ts";

export const nonMonotonicRead: Planted = {
  name: "non-monotonic read after restart",
  story: "a replica shows what it has not kept, crashes, and shows less; right: it shows what its disk has",
  check: "reads do not go back",
  build: (bug) => {
    let seen = 0;
    return {
      nodes: {
        replica: (world, { check }) => {
          openLines(world, (lines) => {
            let shown = Number(lines.found.at(-1) ?? 0);
            const read = (): void => {
              check("reads do not go back", shown >= seen, `${shown} after ${seen}`);
              seen = shown;
            };
            hear(world, {
              set: (_from, value = "") => {
                lines.append(value);
                if (bug) shown = Number(value);
                lines.sync(() => (shown = Number(value)));
              },
            });
            read();
            every(world, 10, read);
          });
        },
        source: (world) => {
          let value = 0;
          whenLinked(world, ["replica"], () => every(world, 60, () => tell(world, "replica", "set", (value += 1))));
        },
      },
      disk: { syncMinMs: 5, syncMaxMs: 40 },
      faults: { kinds: ["crash"], nodes: ["replica"], untilMs: 900, everyMs: 150, lastMs: [5, 30] },
      until: 1_000,
    };
  },
};
