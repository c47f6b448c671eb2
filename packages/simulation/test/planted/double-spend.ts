import { hear, type Planted, type Program, tell, whenLinked } from "./kit.ts";

export const doubleSpend: Planted = {
  name: "double spend",
  story: "two tills take one coin before they have heard of each other; right: one of them decides",
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
        hear(world, {
          spent: () => (isSpent = true),
          ask: (from) => {
            if (!isSpent) tell(world, from, "yes");
            isSpent = true;
          },
          yes: take,
        });
        whenLinked(world, [other], () => {
          world.clock.schedule(world.random.next() * 40, () => {
            if (isSpent) return;
            if (!bug && !decides) return tell(world, other, "ask");
            isSpent = true;
            take();
            tell(world, other, "spent");
          });
        });
      };
    return { nodes: { north: till("south", true), south: till("north", false) } };
  },
};
