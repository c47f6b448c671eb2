/**
 * The monorepo under its own rules for linear values. They need types, which oxlint gives no plugin: so ESLint runs
 * beside it, with these rules alone.
 */
import * as parser from "@typescript-eslint/parser";

const { default: linear } = await import("@void-system/linear/eslint").catch((cause) => {
  throw new Error("expected @void-system/linear to be built, got no dist to take the rules from; run: npm run build:js", { cause });
});

export default [
  {
    ...linear.configs.recommended,
    files: ["packages/*/src/**/*.ts"],
    languageOptions: { parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
];
