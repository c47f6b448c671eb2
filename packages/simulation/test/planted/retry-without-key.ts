import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

export const retryWithoutKey: Planted = {
  name: "retry without idempotence key",
  story: "a payment is retried without an answer, and both count; fix: an idempotence key identifies the retry",
  check: "paid once",
  build: (bug) => {
    return {
      network: { loss: 0.05, delays: "long-tail", maxDelayMs: 60 },
      nodes: {
        client: (world) => {
          let answered = false;
          onMessage(world, { ok: () => (answered = true) });
          const pay = (): void => {
            if (answered) return;
            send(world, "bank", "pay", "k1");
            world.clock.schedule(25, pay);
          };
          whenLinked(world, ["bank"], pay);
        },
        bank: (world, { check }) => {
          const keys = new Set<string>();
          let paid = 0;
          onMessage(world, {
            pay: (from, key = "") => {
              if (bug || !keys.has(key)) paid += 1;
              keys.add(key);
              check("paid once", paid === 1, `${paid} times`);
              send(world, from, "ok");
            },
          });
        },
      },
      until: 500,
    };
  },
};
