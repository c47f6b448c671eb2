import type { AtLeast, AtMost } from "./internal/bounds.ts";
import { narrowed } from "./internal/brand.ts";
import type { Compare, HasExponent, HasFraction } from "./internal/compare.ts";
import { SchemaError } from "../errors.ts";
import { inWords } from "./internal/argument.ts";
import { cached } from "./schema-cache.ts";
import { makeSchema } from "./schema.ts";
import type { Schema } from "./schema.ts";

/** A finite number known to be in `Lo..Hi`, both included. */
export type Range<Lo extends number, Hi extends number> = number & Between<Lo, Hi>;

/** A whole number known to be in `Lo..Hi`, both included. */
export type IntRange<Lo extends number, Hi extends number> = Range<Lo, Hi> & Whole;

/** Brand of a number with known bounds. It exists only in the type system. */
export interface Between<Lo extends number, Hi extends number> {
  /** Lower bound, as the set of bounds that are not below it. */
  readonly "lower bound": AtLeast<Lo>;
  /** Upper bound, as the set of bounds that are not above it. */
  readonly "upper bound": AtMost<Hi>;
}

/** Brand of a number known to be whole. It exists only in the type system. */
export interface Whole {
  /** Always true. */
  readonly "whole number": true;
}

/** Schema of `Range(lo, hi)`. */
export interface RangeSchema<Lo extends number, Hi extends number> extends Schema<Range<Lo, Hi>, number> {
  /**
   * Takes a literal or an already refined number in the range. Any other does not compile.
   *
   * @throws {@link RefinementError} if it is invalid at run time.
   */
  <const N extends number>(value: FitsRange<N, Lo, Hi> extends N ? N : FitsRange<N, Lo, Hi>): Range<Lo, Hi>;
}

/** Schema of `IntRange(lo, hi)`. */
export interface IntRangeSchema<Lo extends number, Hi extends number> extends Schema<IntRange<Lo, Hi>, number> {
  /**
   * Takes a whole literal or an already refined whole number in the range. Any other does not compile.
   *
   * @throws {@link RefinementError} if it is invalid at run time.
   */
  <const N extends number>(value: FitsIntRange<N, Lo, Hi> extends N ? N : FitsIntRange<N, Lo, Hi>): IntRange<Lo, Hi>;
}

/**
 * Schema of finite numbers from `lo` to `hi`, both included. An infinite bound leaves that side open. `-0` is read as
 * `0`. Equal bounds give the identical schema.
 *
 * @throws {@link SchemaError} if a bound is not a number or the bounds are out of order.
 * @example
 * ```ts
 * import { Range } from "@void-system/linear";
 * const Age = Range(0, 120);
 * Age(25); // => 25
 * Age.is(150); // => false
 * // @ts-expect-error: "150 is not in 0..120"
 * const wrong = (): unknown => Age(150);
 * Range(0, 120) === Age; // => true
 * ```
 */
export function Range<const Lo extends number, const Hi extends number>(
  lo: Lo,
  hi: InOrder<Lo, Hi> extends Hi ? Hi : InOrder<Lo, Hi>,
): RangeSchema<Lo, Hi>;
export function Range<Lo extends number, Hi extends number>(lo: Lo, hi: Hi): RangeSchema<Lo, Hi> {
  checkBounds(lo, hi);
  return cached(`Range:${lo}:${hi}`, () => {
    const expected = `a number in ${lo}..${hi}`;
    const low = Math.max(lo, -Number.MAX_VALUE);
    const high = Math.min(hi, Number.MAX_VALUE);
    return makeSchema<Range<Lo, Hi>, number>(`Range(${lo}, ${hi})`, { type: "number", lo, hi, whole: false }, (value, issues) =>
      // -0 is read as 0.
      typeof value === "number" && value >= low && value <= high ? narrowed<number, Range<Lo, Hi>>(value + 0) : issues.refuse(expected, value),
    );
  });
}

/**
 * Schema of whole numbers from `lo` to `hi`, both included, in the range of safe integers. `-0` is read as `0`. Equal
 * bounds give the identical schema.
 *
 * @throws {@link SchemaError} if a bound is not a safe integer or the bounds are out of order.
 * @example
 * ```ts
 * import { IntRange } from "@void-system/linear";
 * const Port = IntRange(1, 65_535);
 * Port(8080); // => 8080
 * Port.is(80.5); // => false
 * ```
 */
export function IntRange<const Lo extends number, const Hi extends number>(
  lo: Lo,
  hi: InOrder<Lo, Hi> extends Hi ? Hi : InOrder<Lo, Hi>,
): IntRangeSchema<Lo, Hi>;
export function IntRange<Lo extends number, Hi extends number>(lo: Lo, hi: Hi): IntRangeSchema<Lo, Hi> {
  checkBounds(lo, hi);
  if (!Number.isSafeInteger(lo) || !Number.isSafeInteger(hi)) {
    throw new SchemaError(`expected bounds that are safe integers, got ${lo}..${hi}; for others use Range`);
  }
  return cached(`IntRange:${lo}:${hi}`, () => {
    const expected = `a whole number in ${lo}..${hi}`;
    return makeSchema<IntRange<Lo, Hi>, number>(`IntRange(${lo}, ${hi})`, { type: "number", lo, hi, whole: true }, (value, issues) =>
      typeof value === "number" && value >= lo && value <= hi && Number.isInteger(value)
        ? narrowed<number, IntRange<Lo, Hi>>(value + 0)
        : issues.refuse(expected, value),
    );
  });
}

function checkBounds(lo: unknown, hi: unknown): void {
  // NaN is not below or equal to anything.
  if (typeof lo === "number" && typeof hi === "number" && lo <= hi) return;
  if (hi === undefined) throw new SchemaError(`expected two bounds, got only ${inWords(lo)}; for no upper bound pass Infinity to Range`);
  throw new SchemaError(`expected bounds lo <= hi that are numbers, got ${inWords(lo)}..${inWords(hi)}`);
}

/** `Hi` if it is not below `Lo`, else the compiler's message as a literal type. What it cannot compare is checked at run time. */
export type InOrder<Lo extends number, Hi extends number> = number extends Lo | Hi
  ? Hi
  : true extends HasExponent<`${Lo}` | `${Hi}`>
    ? Hi
    : Compare<`${Lo}`, `${Hi}`> extends 1
      ? `${Lo} is above ${Hi}`
      : Hi;

/** `N` if it fits, else the compiler's message as a literal type. Distributes over unions. */
export type FitsRange<N extends number, Lo extends number, Hi extends number> = number extends Lo | Hi
  ? N
  : N extends Range<infer L, infer H>
    ? Within<N, `${L}`, `${H}`, Lo, Hi, `a number in ${L}..${H} may not be in ${Lo}..${Hi}: use parse()`>
    : number extends N
      ? "not a number that the compiler knows: use parse()"
      : true extends HasExponent<`${N}` | `${Lo}` | `${Hi}`>
        ? `${N} in ${Lo}..${Hi}: exponents cannot be compared here, use parse()`
        : Within<N, `${N}`, `${N}`, Lo, Hi, `${N} is not in ${Lo}..${Hi}`>;

/** Like {@link FitsRange}, for whole numbers. */
export type FitsIntRange<N extends number, Lo extends number, Hi extends number> = N extends Whole
  ? FitsRange<N, Lo, Hi>
  : N extends Range<infer L, infer H>
    ? `a number in ${L}..${H} may not be whole: use parse()`
    : HasFraction<`${N}`> extends true
      ? `${N} is not a whole number`
      : FitsRange<N, Lo, Hi>;

type Within<N, L extends string, H extends string, Lo extends number, Hi extends number, Message extends string> =
  Compare<L, `${Lo}`> extends -1 ? Message : Compare<H, `${Hi}`> extends 1 ? Message : N;
