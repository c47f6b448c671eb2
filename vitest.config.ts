import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Packages are tested from their sources: no build stands between an edit and its test. */
const conditions = ["void-source", "module", "node"];

/** Tests that replace modules, or load them again: files of one worker share their modules, these have their own. */
const isolated = "packages/*/test/**/*.isolated.test.ts";

/** Tests of what is built (`npm test` builds it): commands in processes of their own. */
const built = "packages/!(system)/test/**/*.e2e.test.ts";

/** Tests of whole clusters need the machine for themselves too: they run after all others, one file at a time. */
const processes = "packages/system/test/**/*.e2e.test.ts";

/** A test may take long on a busy machine; only one that hangs is to end. */
const HANGS_AFTER_MS = 120_000;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    testTimeout: HANGS_AFTER_MS,
    hookTimeout: HANGS_AFTER_MS,
    // By default vitest leaves one core to itself, of two cores half.
    maxWorkers: availableParallelism(),
    // A thread starts in a third of the time of a process.
    pool: "threads",
    projects: [
      {
        extends: true,
        test: {
          name: "packages",
          include: ["packages/*/test/**/*.test.ts"],
          exclude: [isolated, built, processes],
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "isolated", include: [isolated], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: "house", include: ["test/*.test.ts"], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: "built", include: [built], sequence: { groupOrder: 0 } },
      },
      {
        // Needs a Chromium on the machine: not part of `npm test`.
        extends: true,
        test: { name: "chromium", include: ["test/chromium/*.test.ts"], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: "processes",
          include: [processes],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: { provider: "v8", include: ["packages/*/src/**"] },
  },
});
