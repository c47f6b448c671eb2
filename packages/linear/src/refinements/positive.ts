import { narrowed } from "./internal/brand.ts";
import type { Refined } from "./refined.ts";
import { makeSchema } from "./schema.ts";
import type { Schema } from "./schema.ts";

/** Schema of `Positive`. */
export interface PositiveSchema extends Schema<Refined<number, "positive">, number> {
  /**
   * Takes a literal above zero, or a number already known to be. Any other does not compile.
   *
   * @throws {@link RefinementError} if it is invalid at run time.
   */
  <const N extends number>(value: FitsPositive<N> extends N ? N : FitsPositive<N>): Refined<number, "positive">;
}

/** `N` if it is above zero, else the compiler's message as a literal type. */
export type FitsPositive<N extends number> =
  N extends Refined<number, "positive">
    ? N
    : number extends N
      ? "not a number that the compiler knows: use parse()"
      : `${N}` extends "0" | `-${string}`
        ? `${N} is not positive`
        : N;

/**
 * Schema of finite numbers above zero.
 *
 * @example
 * ```ts
 * import { Positive } from "@void-system/linear";
 * Positive(0.5); // => 0.5
 * // @ts-expect-error: "0 is not positive"
 * const wrong = (): unknown => Positive(0);
 * Positive.is(0); // => false
 * ```
 */
export const Positive: PositiveSchema = /* @__PURE__ */ makeSchema<Refined<number, "positive">, number>(
  "Positive",
  { type: "number", lo: Number.MIN_VALUE, hi: Number.MAX_VALUE, whole: false },
  (value, issues) =>
    typeof value === "number" && value > 0 && Number.isFinite(value)
      ? narrowed<number, Refined<number, "positive">>(value)
      : issues.refuse("a number above 0", value),
);
