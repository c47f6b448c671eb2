import { every, hear, openLines, type Planted, type Program, tell } from "./kit.ts";

export const twoPhaseCommit: Planted = {
  name: "two-phase commit coordinator crash",
  story:
    "the coordinator tells one that it is decided, crashes, and has forgotten; right: the decision is on disk first",
  check: "all or none",
  build: (bug) => {
    const outcomes = new Set<string>();
    const participant: Program = (world, { check }) => {
      let outcome: string | undefined;
      hear(world, {
        prepare: (from) => tell(world, from, "yes"),
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
                for (const id of ["p1", "p2"]) tell(world, id, "decided", what);
              });
            if (began !== undefined) return spread(decided ?? "abort");
            const yes = new Set<string>();
            hear(world, {
              yes: (from) => {
                if (yes.add(from).size < 2) return;
                lines.append("commit");
                if (bug) for (const id of ["p1", "p2"]) tell(world, id, "decided", "commit");
                lines.sync(() => spread("commit"));
              },
            });
            lines.append("begin");
            lines.sync(() => {
              for (const id of ["p1", "p2"]) tell(world, id, "prepare");
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
