import { hear, type Planted, type Program, tell, whenLinked } from "./kit.ts";

export const lostUpdate: Planted = {
  name: "lost update",
  story: "two clients read a counter, add one, and write it back: one overwrites the other; right: the store adds",
  check: "no update is lost",
  build: (bug) => {
    let value = 0;
    let acknowledged = 0;
    const client: Program = (world, { check }) => {
      hear(world, {
        value: (_store, read) => tell(world, "store", "put", Number(read) + 1),
        done: () => {
          acknowledged += 1;
          check("no update is lost", value >= acknowledged, `${acknowledged} updates made it ${value}`);
        },
      });
      whenLinked(world, ["store"], () => {
        world.clock.schedule(world.random.next() * 50, () =>
          bug ? tell(world, "store", "get") : tell(world, "store", "add")
        );
      });
    };
    return {
      nodes: {
        store: (world) => {
          const set = (from: string, to: number): void => {
            value = to;
            tell(world, from, "done");
          };
          hear(world, {
            get: (from) => tell(world, from, "value", value),
            put: (from, to) => set(from, Number(to)),
            add: (from) => set(from, value + 1),
          });
        },
        a: client,
        b: client,
      },
    };
  },
};
