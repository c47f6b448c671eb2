import { every, openLines, type Planted } from "./kit.ts";

export const snapshotWithoutTail: Planted = {
  name: "snapshot without tail",
  story:
    "a checkpoint drops entries that arrived while its snapshot was written; fix: record its last entry",
  check: "what was kept is found again",
  build: (bug) => {
    let kept = 0;
    return {
      nodes: {
        store: (world, { check }) => {
          openLines(world, (lines) => {
            let base = Number(lines.snapshot?.split(" ")[1] ?? 0);
            let position = base + lines.found.length;
            let count = Number(lines.snapshot?.split(" ")[0] ?? 0) + lines.found.length;
            check("what was kept is found again", count >= kept, `${count}, not ${kept}`);
            let isSnapshotting = false;
            every(world, 10, () => {
              count += 1;
              position += 1;
              lines.append("+");
              const now = count;
              lines.sync(() => (kept = Math.max(kept, now)));
            });
            every(world, 45, () => {
              if (isSnapshotting) return;
              isSnapshotting = true;
              const [state, upTo] = [count, position];
              world.clock.schedule(world.random.next() * 15, () => {
                base = bug ? position : upTo;
                lines.checkpoint(base, `${state} ${base}`, () => (isSnapshotting = false));
              });
            });
          });
        },
      },
      disk: { syncMaxMs: 5 },
      faults: { kinds: ["crash"], untilMs: 500, everyMs: 100, lastMs: [5, 30] },
      until: 600,
    };
  },
};
