import { every, onMessage, type Planted, type Program, send } from "./kit.ts";

export const splitBrain: Planted = {
  name: "split brain",
  story:
    "a cut-off backup writes beside the old primary; fix: the shared store refuses older terms",
  check: "no write of an old term",
  build: (bug) => {
    let latest = 0;
    const member =
      (other: string, first: number): Program =>
      (world, { check }) => {
        let term = first;
        let heardAt = world.clock.monotonicMs();
        onMessage(world, {
          alive: () => (heardAt = world.clock.monotonicMs()),
          stored: (_from, of) => {
            if (!bug) return;
            check("no write of an old term", Number(of) >= latest, `term ${of} after ${latest}`);
            latest = Number(of);
          },
        });
        every(world, 20, () => {
          if (term === 0 && world.clock.monotonicMs() - heardAt > 70) term = 2;
          if (term === 0) return;
          send(world, other, "alive");
          send(world, "store", "write", term);
        });
      };
    return {
      nodes: {
        primary: member("backup", 1),
        backup: member("primary", 0),
        store: (world, { check }) => {
          let known = 0;
          onMessage(world, {
            write: (from, of) => {
              if (!bug && Number(of) < known) return;
              known = Math.max(known, Number(of));
              if (!bug) check("no write of an old term", known === Number(of));
              send(world, from, "stored", of ?? 0);
            },
          });
        },
      },
      faults: { kinds: ["partition", "block", "pause"], untilMs: 800, everyMs: 200, lastMs: [80, 400] },
      until: 1_000,
    };
  },
};
