import { every, onMessage, openLines, type Planted, type Program, send } from "./kit.ts";

export const twoPhaseCommit: Planted = {
  name: "two-phase commit coordinator crash",
  story:
    "the coordinator sends its decision, crashes and forgets it; fix: sync the decision first",
  check: "all or none",
  build: (bug) => {
    const outcomes = new Set<string>();
    const participant: Program = (world, { check }) => {
      let outcome: string | undefined;
      onMessage(world, {
        prepare: (from) => send(world, from, "yes"),
        decided: (_from, what = "") => {
          outcome ??= what;
          outcomes.add(outcome);
          check("all or none", outcomes.size === 1, [...outcomes].join(" and "));
        },
      });
    };
    return {
      nodes: {
        coordinator: (world) => {
          openLines(world, (lines) => {
            const [began, decided] = lines.found;
            const spread = (what: string): void =>
              every(world, 15, () => {
                for (const id of ["p1", "p2"]) send(world, id, "decided", what);
              });
            if (began !== undefined) return spread(decided ?? "abort");
            const yes = new Set<string>();
            onMessage(world, {
              yes: (from) => {
                if (yes.add(from).size < 2) return;
                lines.append("commit");
                if (bug) for (const id of ["p1", "p2"]) send(world, id, "decided", "commit");
                lines.sync(() => spread("commit"));
              },
            });
            lines.append("begin");
            lines.sync(() => {
              for (const id of ["p1", "p2"]) send(world, id, "prepare");
            });
          });
        },
        p1: participant,
        p2: participant,
      },
      network: { maxDelayMs: 15, linked: (node) => (node === "coordinator" ? ["p1", "p2"] : ["coordinator"]) },
      disk: { syncMinMs: 5, syncMaxMs: 30, tornWrites: false },
      faults: { kinds: ["crash"], nodes: ["coordinator"], fromMs: 10, untilMs: 150, everyMs: 40, lastMs: [1, 20] },
      until: 250,
    };
  },
};
