import { defineConfig } from "vitest/config";

/** Packages are tested from their sources: no build stands between an edit and its test. */
const conditions = ["void-source", "module", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      { extends: true, test: { name: "packages", include: ["packages/*/test/**/*.test.ts"], testTimeout: 20_000 } },
      { extends: true, test: { name: "house", include: ["test/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
    coverage: { provider: "v8", include: ["packages/*/src/**"] },
  },
});
