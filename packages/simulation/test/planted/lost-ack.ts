import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

export const lostAck: Planted = {
  name: "lost ack",
  story:
    "the shop reports a failed payment when no answer comes, but the bank has booked it; fix: ask again",
  check: "a payment reported as failed did not happen",
  build: (bug) => {
    const paid = new Set<string>();
    return {
      network: { loss: 0.05, delays: "long-tail", maxDelayMs: 60 },
      nodes: {
        shop: (world, { check }) => {
          let answered = false;
          const ask = (): void => {
            send(world, "bank", "pay", "order1");
            world.clock.schedule(20, () => {
              if (answered) return;
              if (bug) check("a payment reported as failed did not happen", !paid.has("order1"));
              else ask();
            });
          };
          onMessage(world, { ok: () => (answered = true) });
          whenLinked(world, ["bank"], ask);
        },
        bank: (world) => {
          onMessage(world, {
            pay: (from, order = "") => {
              paid.add(order);
              send(world, from, "ok");
            },
          });
        },
      },
      until: 500,
    };
  },
};
