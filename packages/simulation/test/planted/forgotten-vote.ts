import { hear, openLines, type Planted, type Program, tell, whenLinked } from "./kit.ts";

export const forgottenVote: Planted = {
  name: "forgotten vote",
  story: "a voter crashes, forgets whom it voted for, and votes again; right: the vote is on disk before it is given",
  check: "one leader a term",
  build: (bug) => {
    const leaders = new Set<string>();
    const candidate: Program = (world, { check }) => {
      hear(world, {
        vote: () => {
          leaders.add(world.network.self);
          check("one leader a term", leaders.size === 1, [...leaders].join(" and "));
        },
      });
      const ask = (): void => {
        tell(world, "voter", "elect");
        if (!leaders.has(world.network.self)) world.clock.schedule(60, ask);
      };
      whenLinked(world, ["voter"], () => world.clock.schedule(world.random.next() * 100, ask));
    };
    return {
      nodes: {
        a: candidate,
        b: candidate,
        voter: (world) => {
          openLines(world, (lines) => {
            let vote = lines.found[0];
            hear(world, {
              elect: (from) => {
                const isNew = vote === undefined;
                vote ??= from;
                if (vote !== from) return;
                if (isNew && !bug) {
                  lines.append(vote);
                  lines.sync(() => tell(world, from, "vote"));
                } else if (bug || lines.found.length > 0) tell(world, from, "vote");
              },
            });
          });
        },
      },
      faults: { kinds: ["crash"], nodes: ["voter"], untilMs: 200, everyMs: 80, lastMs: [5, 30] },
      until: 300,
    };
  },
};
