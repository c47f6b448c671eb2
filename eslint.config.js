/**
 * The rules for linear values, which need types: ESLint runs them and nothing else, beside oxlint, which gives its plugins
 * no types. They come from the build of packages/linear.
 */
import linear from "@void-system/linear/eslint";
import parser from "@typescript-eslint/parser";

export default [
  {
    files: ["packages/*/src/**/*.ts"],
    ...linear.configs.recommended,
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
];
