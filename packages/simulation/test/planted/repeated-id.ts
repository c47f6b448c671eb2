import { every, openLines, type Planted } from "./kit.ts";

export const repeatedId: Planted = {
  name: "repeated id after restart",
  story: "ids are issued before they are synced; fix: issue them after the sync",
  check: "a number is given once",
  build: (bug) => {
    const given = new Set<number>();
    return {
      nodes: {
        ids: (world, { check }) => {
          openLines(world, (lines) => {
            let last = Number(lines.found.at(-1) ?? 0);
            const give = (id: number): void => {
              check("a number is given once", !given.has(id), `${id}`);
              given.add(id);
            };
            every(world, 20, () => {
              const id = (last += 1);
              lines.append(String(id));
              if (bug) give(id);
              lines.sync(() => {
                if (!bug) give(id);
              });
            });
          });
        },
      },
      disk: { syncMinMs: 2, syncMaxMs: 9 },
      faults: { kinds: ["crash"], untilMs: 400, everyMs: 80, lastMs: [1, 20] },
      until: 500,
    };
  },
};
