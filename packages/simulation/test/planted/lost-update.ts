import { onMessage, type Planted, type Program, send, whenLinked } from "./kit.ts";

export const lostUpdate: Planted = {
  name: "lost update",
  story: "two clients read a counter, add one and write it back, so one overwrites the other; fix: the store adds",
  check: "no update is lost",
  build: (bug) => {
    let value = 0;
    let acknowledged = 0;
    const client: Program = (world, { check }) => {
      onMessage(world, {
        value: (_store, read) => send(world, "store", "put", Number(read) + 1),
        done: () => {
          acknowledged += 1;
          check("no update is lost", value >= acknowledged, `${acknowledged} updates made it ${value}`);
        },
      });
      whenLinked(world, ["store"], () => {
        world.clock.schedule(world.random.next() * 50, () =>
          bug ? send(world, "store", "get") : send(world, "store", "add")
        );
      });
    };
    return {
      nodes: {
        store: (world) => {
          const set = (from: string, to: number): void => {
            value = to;
            send(world, from, "done");
          };
          onMessage(world, {
            get: (from) => send(world, from, "value", value),
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
