import { onMessage, openLines, type Planted, type Program, send, whenLinked } from "./kit.ts";

export const forgottenVote: Planted = {
  name: "forgotten vote",
  story: "a voter crashes, forgets its vote, and votes again; fix: sync the vote before sending it",
  check: "one leader a term",
  build: (bug) => {
    const leaders = new Set<string>();
    const candidate: Program = (world, { check }) => {
      onMessage(world, {
        vote: () => {
          leaders.add(world.network.self);
          check("one leader a term", leaders.size === 1, [...leaders].join(" and "));
        },
      });
      const ask = (): void => {
        send(world, "voter", "elect");
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
            onMessage(world, {
              elect: (from) => {
                const isNew = vote === undefined;
                vote ??= from;
                if (vote !== from) return;
                if (isNew && !bug) {
                  lines.append(vote);
                  lines.sync(() => send(world, from, "vote"));
                } else if (bug || lines.found.length > 0) send(world, from, "vote");
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
