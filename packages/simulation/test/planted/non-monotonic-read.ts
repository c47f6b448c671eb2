import { every, onMessage, openLines, type Planted, send, whenLinked } from "./kit.ts";

export const nonMonotonicRead: Planted = {
  name: "non-monotonic read after restart",
  story: "a replica shows an unsynced value, crashes, and shows an older one; fix: show synced values only",
  check: "reads do not go back",
  build: (bug) => {
    let seen = 0;
    return {
      nodes: {
        replica: (world, { check }) => {
          openLines(world, (lines) => {
            // Any reader sees this at once.
            let shown = 0;
            const show = (value: number): void => {
              // A later sync may end before an earlier one.
              shown = Math.max(shown, value);
              check("reads do not go back", shown >= seen, `${shown} after ${seen}`);
              seen = shown;
            };
            onMessage(world, {
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
          whenLinked(world, ["replica"], () => every(world, 25, () => send(world, "replica", "set", (value += 1))));
        },
      },
      disk: { syncMinMs: 15, syncMaxMs: 40 },
      faults: { kinds: ["crash"], nodes: ["replica"], fromMs: 20, untilMs: 110, everyMs: 30, lastMs: [5, 30] },
      until: 200,
    };
  },
};
