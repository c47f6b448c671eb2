import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

export const dirtyRead: Planted = {
  name: "dirty read",
  story: "a read sees a balance that a refused payment takes back; fix: change it when the payment is granted",
  check: "only what was granted is seen",
  build: (bug) => ({
    nodes: {
      bank: (world) => {
        let balance = 100;
        let reserved = 0;
        onMessage(world, {
          read: (from) => send(world, from, "balance", balance),
          refused: () => {
            if (bug) balance += reserved;
            reserved = 0;
          },
        });
        whenLinked(world, ["checker"], () => {
          world.clock.schedule(world.random.next() * 50, () => {
            reserved = 30;
            if (bug) balance -= reserved;
            send(world, "checker", "may");
          });
        });
      },
      checker: (world) => {
        onMessage(world, { may: (from) => send(world, from, "refused") });
      },
      reader: (world, { check }) => {
        onMessage(world, { balance: (_from, seen) => check("only what was granted is seen", seen === "100", seen) });
        whenLinked(world, ["bank"], () => {
          world.clock.schedule(world.random.next() * 50, () => send(world, "bank", "read"));
        });
      },
    },
  }),
};
