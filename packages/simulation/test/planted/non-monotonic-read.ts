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
            // Read at once, by whoever looks.
            let shown = 0;
            const show = (value: number): void => {
              // A later sync may be done before an earlier one.
              shown = Math.max(shown, value);
              check("reads do not go back", shown >= seen, `${shown} after ${seen}`);
              seen = shown;
            };
            hear(world, {
              set: (_from, value = "") => {
                lines.append(value);
                if (bug) show(Number(value));
                lines.sync(() => show(Number(value)));
              },
            });
            show(Number(lines.found.at(-1) ?? 0));
          });
        },
        source: (world) => {
          let value = 0;
          whenLinked(world, ["replica"], () => every(world, 25, () => tell(world, "replica", "set", (value += 1))));
        },
      },
      disk: { syncMinMs: 15, syncMaxMs: 40 },
      faults: { kinds: ["crash"], nodes: ["replica"], fromMs: 20, untilMs: 110, everyMs: 30, lastMs: [5, 30] },
      until: 200,
    };
  },
};
