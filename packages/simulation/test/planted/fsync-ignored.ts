import { every, onMessage, openLines, type Planted, send, whenLinked } from "./kit.ts";

export const fsyncIgnored: Planted = {
  name: "fsync ignored",
  story:
    "the store acknowledges a write before its sync, and the power fails; fix: acknowledge after the sync",
  check: "what was acknowledged is kept",
  build: (bug) => {
    let acknowledged = 0;
    return {
      nodes: {
        store: (world, { check }) => {
          openLines(world, (lines) => {
            check("what was acknowledged is kept", lines.found.length >= acknowledged, `${lines.found.length}`);
            onMessage(world, {
              put: (from, value = "") => {
                lines.append(value);
                if (bug) send(world, from, "kept");
                lines.sync(() => {
                  if (!bug) send(world, from, "kept");
                });
              },
            });
          });
        },
        client: (world) => {
          onMessage(world, { kept: () => (acknowledged += 1) });
          whenLinked(world, ["store"], () => every(world, 30, () => send(world, "store", "put", "x")));
        },
      },
      disk: { syncMinMs: 1, syncMaxMs: 20, tornWrites: false },
      faults: { kinds: ["crash"], nodes: ["store"], fromMs: 20, untilMs: 900, everyMs: 150, lastMs: [10, 50] },
      until: 1_000,
    };
  },
};
