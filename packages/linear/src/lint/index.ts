import type { Linter } from "eslint";
import { exactlyOnce } from "./exactly-once.ts";
import { noDiscard } from "./no-discard.ts";
import { noForgotten } from "./no-forgotten.ts";
import { noUnperformed } from "./no-unperformed.ts";
import { typedImports } from "./typed-imports.ts";

export type { ExactlyOnceMessage } from "./exactly-once-messages.ts";
export type { NoDiscardMessage } from "./no-discard.ts";
export type { NoForgottenMessage } from "./no-forgotten.ts";
export type { NoUnperformedMessage } from "./no-unperformed.ts";
export type { TypedImportsMessage } from "./typed-imports.ts";
export { exactlyOnce, noDiscard, noForgotten, noUnperformed, typedImports };

/** The ESLint plugin, for a flat configuration. */
export interface LinearPlugin {
  /** Name of the plugin in ESLint. */
  readonly meta: { readonly name: string };
  /** The rules, by name. */
  readonly rules: {
    readonly "exactly-once": typeof exactlyOnce;
    readonly "no-discard": typeof noDiscard;
    readonly "no-forgotten": typeof noForgotten;
    readonly "no-unperformed": typeof noUnperformed;
    readonly "typed-imports": typeof typedImports;
  };
  /** Ready-made configurations. Combine `recommended` with the typescript-eslint parser and type information. */
  readonly configs: { readonly recommended: Linter.Config };
}

const rules: LinearPlugin["rules"] = {
  "exactly-once": exactlyOnce,
  "no-discard": noDiscard,
  "no-forgotten": noForgotten,
  "no-unperformed": noUnperformed,
  "typed-imports": typedImports,
};

/**
 * ESLint rules for linear values. They need type information: parse with `@typescript-eslint/parser` and
 * `projectService`.
 *
 * @example
 * ```ts
 * import linear from "@void-system/linear/eslint";
 * Object.keys(linear.rules); // => ["exactly-once", "no-discard", "no-forgotten", "no-unperformed", "typed-imports"]
 * ```
 */
const plugin: LinearPlugin = {
  meta: { name: "@void-system/linear" },
  rules,
  configs: {
    recommended: {
      name: "@void-system/linear/recommended",
      plugins: { linear: { meta: { name: "@void-system/linear" }, rules } },
      rules: {
        "linear/exactly-once": "error",
        "linear/no-discard": "error",
        "linear/no-forgotten": "error",
        "linear/no-unperformed": "error",
        "linear/typed-imports": "error",
      },
    },
  },
};

export default plugin;
