import { hear, type Planted, tell, whenLinked } from "./kit.ts";

export const dirtyRead: Planted = {
  name: "dirty read",
  story: "a balance is shown that a refused payment takes back; right: it changes when the payment is granted",
  check: "only what was granted is seen",
  build: (bug) => ({
    nodes: {
      bank: (world) => {
        let balance = 100;
        let reserved = 0;
        hear(world, {
          read: (from) => tell(world, from, "balance", balance),
          refused: () => {
            if (bug) balance += reserved;
            reserved = 0;
          },
        });
        whenLinked(world, ["checker"], () => {
          world.clock.schedule(world.random.next() * 50, () => {
            reserved = 30;
            if (bug) balance -= reserved;
            tell(world, "checker", "may");
          });
        });
      },
      checker: (world) => {
        hear(world, { may: (from) => tell(world, from, "refused") });
      },
      reader: (world, { check }) => {
        hear(world, { balance: (_from, seen) => check("only what was granted is seen", seen === "100", seen) });
        whenLinked(world, ["bank"], () => {
          world.clock.schedule(world.random.next() * 50, () => tell(world, "bank", "read"));
        });
      },
    },
  }),
};
