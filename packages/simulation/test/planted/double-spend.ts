import { onMessage, type Planted, type Program, send, whenLinked } from "./kit.ts";

export const doubleSpend: Planted = {
  name: "double spend",
  story: "two tills accept one coin at the same time; fix: one of them decides",
  check: "a coin is spent once",
  build: (bug) => {
    let spent = 0;
    const till =
      (other: string, decides: boolean): Program =>
      (world, { check }) => {
        let isSpent = false;
        const take = (): void => {
          spent += 1;
          check("a coin is spent once", spent === 1);
        };
        onMessage(world, {
          spent: () => (isSpent = true),
          ask: (from) => {
            if (!isSpent) send(world, from, "yes");
            isSpent = true;
          },
          yes: take,
        });
        whenLinked(world, [other], () => {
          world.clock.schedule(world.random.next() * 40, () => {
            if (isSpent) return;
            if (!bug && !decides) return send(world, other, "ask");
            isSpent = true;
            take();
            send(world, other, "spent");
          });
        });
      };
    return { nodes: { north: till("south", true), south: till("north", false) } };
  },
};
