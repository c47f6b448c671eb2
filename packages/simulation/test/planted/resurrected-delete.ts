import { onMessage, type Planted, type Program, send, whenLinked } from "./kit.ts";

export const resurrectedDelete: Planted = {
  name: "gossip that resurrects deletes",
  story:
    "one replica deletes an entry, and another one gossips it back; fix: keep a tombstone",
  check: "deleted entries stay deleted",
  build: (bug) => {
    let deleted = false;
    const replica =
      (other: string): Program =>
      (world, { check }) => {
        let has = true;
        let tomb = false;
        const gossip = (): void => {
          if (has) send(world, other, "have");
          if (tomb) send(world, other, "gone");
          world.clock.schedule(20 + world.random.next() * 20, gossip);
        };
        onMessage(world, {
          have: () => {
            if (tomb) return;
            const was = has;
            has = true;
            check("deleted entries stay deleted", was || !deleted, world.network.self);
          },
          gone: () => {
            has = false;
            if (!bug) tomb = true;
          },
        });
        whenLinked(world, [other], gossip);
        return {
          api: {
            drop: () => {
              has = false;
              deleted = true;
              if (bug) send(world, other, "gone");
              else tomb = true;
            },
          },
        };
      };
    return {
      nodes: { a: replica("b"), b: replica("a") },
      workload: (cluster) =>
        cluster.at(cluster.random("when").between(20, 100), () => cluster.call("a", (a) => a.drop?.())),
      until: 300,
    };
  },
};
