import { hear, type Planted, tell, whenLinked } from "./kit.ts";

export const lostAck: Planted = {
  name: "lost ack",
  story:
    "the shop says that a payment failed for want of an answer, but the bank has it; right: it asks again",
  check: "what was said to have failed did not happen",
  build: (bug) => {
    const paid = new Set<string>();
    return {
      network: { loss: 0.05, delays: "long-tail", maxDelayMs: 60 },
      nodes: {
        shop: (world, { check }) => {
          let answered = false;
          const ask = (): void => {
            tell(world, "bank", "pay", "order1");
            world.clock.schedule(20, () => {
              if (answered) return;
              if (bug) check("what was said to have failed did not happen", !paid.has("order1"));
              else ask();
            });
          };
          hear(world, { ok: () => (answered = true) });
          whenLinked(world, ["bank"], ask);
        },
        bank: (world) => {
          hear(world, {
            pay: (from, order = "") => {
              paid.add(order);
              tell(world, from, "ok");
            },
          });
        },
      },
      until: 500,
    };
  },
};
