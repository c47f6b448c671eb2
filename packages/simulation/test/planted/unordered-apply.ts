import { hear, type Planted, tell, whenLinked } from "./kit.ts";

export const unorderedApply: Planted = {
  name: "unordered apply",
  story:
    "a replica applies entries as they come, and datagrams overtake each other; right: it waits for the one before",
  check: "entries are applied in order",
  build: (bug) => ({
    network: { reorder: 0.3 },
    nodes: {
      leader: (world) => {
        whenLinked(world, ["replica"], () => {
          for (let entry = 1; entry <= 3; entry += 1) tell(world, "replica", "entry", entry);
        });
      },
      replica: (world, { check }) => {
        const waiting = new Set<number>();
        let applied = 0;
        const apply = (entry: number): void => {
          check("entries are applied in order", entry === applied + 1, `${entry} after ${applied}`);
          applied = entry;
        };
        hear(world, {
          entry: (_from, number) => {
            if (bug) return apply(Number(number));
            waiting.add(Number(number));
            while (waiting.delete(applied + 1)) apply(applied + 1);
          },
        });
      },
    },
  }),
};
