import { makeSchema } from "./schema.ts";
import type { CallableSchema } from "./schema.ts";

/**
 * Schema of any string, as a base for `Refined`.
 *
 * @example
 * ```ts
 * import { Text } from "@void-system/linear";
 * Text.is("any"); // => true
 * ```
 */
export const Text: CallableSchema<string, string> = /* @__PURE__ */ makeSchema("Text", { type: "string" }, (value, issues) =>
  typeof value === "string" ? value : issues.refuse("a string", value),
);

/**
 * Schema of any number except NaN and the infinities, as a base for `Refined`. `-0` is kept.
 *
 * @example
 * ```ts
 * import { Finite } from "@void-system/linear";
 * Finite.is(Number.NaN); // => false
 * ```
 */
export const Finite: CallableSchema<number, number> = /* @__PURE__ */ makeSchema(
  "Finite",
  { type: "number", lo: -Number.MAX_VALUE, hi: Number.MAX_VALUE, whole: false, signedZero: true },
  (value, issues) =>
  typeof value === "number" && Number.isFinite(value)
    ? value
    : issues.refuse("a finite number", value),
);

/**
 * Schema of `true` and `false`.
 *
 * @example
 * ```ts
 * import { Bool } from "@void-system/linear";
 * Bool.is("true"); // => false
 * ```
 */
export const Bool: CallableSchema<boolean, boolean> = /* @__PURE__ */ makeSchema("Bool", { type: "boolean" }, (value, issues) =>
  typeof value === "boolean" ? value : issues.refuse("true or false", value),
);
