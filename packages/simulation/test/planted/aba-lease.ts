import { onMessage, type Planted, type Program, send, whenLinked } from "./kit.ts";

export const abaLease: Planted = {
  name: "ABA in a lock lease",
  story: "a late release of the first tenure ends the second one of the same owner; fix: number the tenures",
  check: "one holder",
  build: (bug) => {
    const holders = new Set<string>();
    const client: Program = (world, { check }) => {
      const me = world.network.self;
      let tenure = 0;
      let left = 2;
      onMessage(world, {
        granted: (_from, number) => {
          if (Number(number) <= tenure) return;
          tenure = Number(number);
          holders.add(me);
          check("one holder", holders.size === 1, [...holders].join(" and "));
          world.clock.schedule(10, () => {
            holders.delete(me);
            // Sent twice, since a frame may be lost.
            for (let times = 0; times < 2; times += 1) send(world, "lock", "release", number ?? 0);
            if ((left -= 1) > 0) world.clock.schedule(2, ask);
          });
        },
      });
      const ask = (): void => send(world, "lock", "acquire");
      whenLinked(world, ["lock"], ask);
    };
    return {
      network: { reorder: 0.5, maxDelayMs: 40 },
      nodes: {
        lock: (world) => {
          let number = 0;
          let holder: string | undefined;
          const queue: string[] = [];
          const grant = (): void => {
            holder = queue.shift();
            if (holder !== undefined) send(world, holder, "granted", (number += 1));
          };
          onMessage(world, {
            acquire: (from) => {
              queue.push(from);
              if (holder === undefined) grant();
            },
            release: (from, of) => {
              if (from === holder && (bug || Number(of) === number)) grant();
            },
          });
        },
        a: client,
        b: client,
      },
      until: 300,
    };
  },
};
