import { hear, type Planted, tell, whenLinked } from "./kit.ts";

export const doubleDelivery: Planted = {
  name: "double delivery",
  story: "the network delivers an order twice, and two parcels are sent; right: orders that are known are passed over",
  check: "each order is sent once",
  build: (bug) => {
    const parcels = new Map<string, number>();
    return {
      network: { duplicate: 0.05 },
      nodes: {
        shop: (world) => {
          whenLinked(world, ["depot"], () => {
            for (const order of ["o1", "o2", "o3"]) tell(world, "depot", "order", order);
          });
        },
        depot: (world, { check }) => {
          hear(world, {
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
