import { every, openLines, type Planted } from "./kit.ts";

export const repeatedId: Planted = {
  name: "repeated id after restart",
  story: "numbers are given out before the range they are from is on disk; right: after",
  check: "a number is given once",
  build: (bug) => {
    const given = new Set<number>();
    return {
      nodes: {
        ids: (world, { check }) => {
          openLines(world, (lines) => {
            let top = Number(lines.found.at(-1) ?? 0);
            let next = top;
            const give = (): void => {
              next += 1;
              check("a number is given once", !given.has(next), `${next}`);
              given.add(next);
            };
            every(world, 10, () => {
              if (next < top) return give();
              top = next + 3;
              const reserved = top;
              lines.append(String(reserved));
              if (bug) give();
              else top = next;
              lines.sync(() => (top = Math.max(top, reserved)));
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
