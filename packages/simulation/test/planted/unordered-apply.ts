import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

export const unorderedApply: Planted = {
  name: "unordered apply",
  story:
    "a replica applies datagrams as they arrive, out of order; fix: wait for the entry before",
  check: "entries are applied in order",
  build: (bug) => ({
    network: { reorder: 0.3 },
    nodes: {
      leader: (world) => {
        whenLinked(world, ["replica"], () => {
          for (let entry = 1; entry <= 3; entry += 1) send(world, "replica", "entry", entry);
        });
      },
      replica: (world, { check }) => {
        const waiting = new Set<number>();
        let applied = 0;
        const apply = (entry: number): void => {
          check("entries are applied in order", entry === applied + 1, `${entry} after ${applied}`);
          applied = entry;
        };
        onMessage(world, {
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
