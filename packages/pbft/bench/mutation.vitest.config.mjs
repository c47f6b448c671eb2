/** The tests that a mutant runs first: those of one file of `src` each, without seeds. See `mutate.mjs`. */
import { defineConfig } from "vitest/config";

const conditions = ["void-source", "module", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["test/{client,codec,protocol}/*.test.ts"],
    exclude: ["test/**/*.{sim,prop,isolated}.test.ts", "test/codec/format.test.ts"],
    pool: "threads",
  },
});
