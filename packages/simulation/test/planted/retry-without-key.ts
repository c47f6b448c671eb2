import { hear, type Planted, tell, whenLinked } from "./kit.ts";

export const retryWithoutKey: Planted = {
  name: "retry without idempotence key",
  story: "no answer came, the payment is sent again, and both count; right: a key tells that it is the same one",
  check: "paid once",
  build: (bug) => {
    return {
      network: { loss: 0.05, delays: "long-tail", maxDelayMs: 60 },
      nodes: {
        client: (world) => {
          let answered = false;
          hear(world, { ok: () => (answered = true) });
          const pay = (): void => {
            if (answered) return;
            tell(world, "bank", "pay", "k1");
            world.clock.schedule(25, pay);
          };
          whenLinked(world, ["bank"], pay);
        },
        bank: (world, { check }) => {
          const keys = new Set<string>();
          let paid = 0;
          hear(world, {
            pay: (from, key = "") => {
              if (bug || !keys.has(key)) paid += 1;
              keys.add(key);
              check("paid once", paid === 1, `${paid} times`);
              tell(world, from, "ok");
            },
          });
        },
      },
      until: 500,
    };
  },
};
