import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

export const doubleDelivery: Planted = {
  name: "double delivery",
  story: "the network delivers an order twice, and two parcels are sent; fix: ignore known orders",
  check: "each order is sent once",
  build: (bug) => {
    const parcels = new Map<string, number>();
    return {
      network: { duplicate: 0.05 },
      nodes: {
        shop: (world) => {
          whenLinked(world, ["depot"], () => {
            for (const order of ["o1", "o2", "o3"]) send(world, "depot", "order", order);
          });
        },
        depot: (world, { check }) => {
          onMessage(world, {
            order: (_from, order = "") => {
              if (!bug && parcels.has(order)) return;
              parcels.set(order, (parcels.get(order) ?? 0) + 1);
              check("each order is sent once", parcels.get(order) === 1, order);
            },
          });
        },
      },
    };
  },
};
