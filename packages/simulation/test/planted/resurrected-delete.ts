import { hear, type Planted, type Program, tell, whenLinked } from "./kit.ts";

export const resurrectedDelete: Planted = {
  name: "gossip that resurrects deletes",
  story:
    "one replica deletes, another that has not heard of it gossips the entry back; right: the deletion is kept as such",
  check: "what was deleted stays so",
  build: (bug) => {
    let deleted = false;
    const replica =
      (other: string): Program =>
      (world, { check }) => {
        let has = true;
        let tomb = false;
        const gossip = (): void => {
          if (has) tell(world, other, "have");
          if (tomb) tell(world, other, "gone");
          world.clock.schedule(20 + world.random.next() * 20, gossip);
        };
        hear(world, {
          have: () => {
            if (tomb) return;
            const was = has;
            has = true;
            check("what was deleted stays so", was || !deleted, world.network.self);
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
              if (bug) tell(world, other, "gone");
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
