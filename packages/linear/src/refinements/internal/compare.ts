/**
 * Compares numeric literals in the type system, digit by digit on their text, so that no bound is too large. Texts in
 * exponent form (`1e+21`, `1e-7`) have no digits to compare: see {@link HasExponent}.
 */

/** `-1`, `0` or `1` if A is below, equal to or above B, both texts of plain decimal literals. */
export type Compare<A extends string, B extends string> = A extends `-${infer X}`
  ? B extends `-${infer Y}`
    ? CompareAbsolute<Y, X>
    : -1
  : B extends `-${string}`
    ? 1
    : CompareAbsolute<A, B>;

/** `true` if a literal's text is in exponent form. */
export type HasExponent<A extends string> = A extends `${string}e${string}` ? true : false;

/** `true` if a literal's text has a fraction. */
export type HasFraction<A extends string> = A extends `${string}.${string}` ? true : false;

type CompareAbsolute<A extends string, B extends string> =
  CompareWhole<Whole<A>, Whole<B>> extends infer Order
    ? Order extends 0
      ? CompareDigits<Fraction<A>, Fraction<B>>
      : Order
    : never;

type Whole<A extends string> = A extends `${infer Digits}.${string}` ? Digits : A;
type Fraction<A extends string> = A extends `${string}.${infer Digits}` ? Digits : "";

/** Compares whole numbers without leading zeros, of which the longer is larger. */
type CompareWhole<A extends string, B extends string> =
  CompareLength<A, B> extends infer Order ? (Order extends 0 ? CompareDigits<A, B> : Order) : never;

type CompareLength<A extends string, B extends string> = A extends `${string}${infer X}`
  ? B extends `${string}${infer Y}`
    ? CompareLength<X, Y>
    : 1
  : B extends ""
    ? 0
    : -1;

/** Compares from the left. Fractions have no trailing zeros, so if one ends first, it is smaller. */
type CompareDigits<A extends string, B extends string> = A extends `${infer X}${infer RestA}`
  ? B extends `${infer Y}${infer RestB}`
    ? X extends Y
      ? CompareDigits<RestA, RestB>
      : "0123456789" extends `${string}${X}${string}${Y}${string}`
        ? -1
        : 1
    : 1
  : B extends ""
    ? 0
    : -1;
