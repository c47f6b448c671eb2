/**
 * Bounds in a form that the compiler can compare without a call. A whole number of at least 0, padded to 16 digits,
 * represents the set of all strings that are not below (or not above) it, so that nested sets are nested bounds. Any
 * other bound is a set of its own, assignable only to itself.
 */

type Zeros = "0000000000000000";

/** The digits of a number, padded to 16 from the left; `never` if it cannot be padded. */
type Padded<N extends number> = `${N}` extends `-${string}` | `${string}.${string}` | `${string}e${string}` | "Infinity"
  ? never
  : Pad<`${N}`, Zeros>;
type Pad<S extends string, Left extends string> = LengthMark<S, Left>;
/** Drops one zero for each digit. */
type LengthMark<S extends string, Left extends string, Rest extends string = S> = Rest extends `${string}${infer More}`
  ? Left extends `0${infer Fewer}`
    ? LengthMark<S, Fewer, More>
    : never
  : `${Left}${S}`;

type Below = {
  "0": never; "1": "0"; "2": "0" | "1"; "3": "0" | "1" | "2"; "4": "0" | "1" | "2" | "3";
  "5": "0" | "1" | "2" | "3" | "4"; "6": "0" | "1" | "2" | "3" | "4" | "5"; "7": "0" | "1" | "2" | "3" | "4" | "5" | "6";
  "8": "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7"; "9": "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8";
};
type Above = {
  "0": "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9"; "1": "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
  "2": "3" | "4" | "5" | "6" | "7" | "8" | "9"; "3": "4" | "5" | "6" | "7" | "8" | "9"; "4": "5" | "6" | "7" | "8" | "9";
  "5": "6" | "7" | "8" | "9"; "6": "7" | "8" | "9"; "7": "8" | "9"; "8": "9"; "9": never;
};

type Prefixes<S extends string, Table extends Record<string, string>, Done extends string = "", Found extends string = never> =
  S extends `${infer Digit extends keyof Table & string}${infer Rest}`
    ? Prefixes<Rest, Table, `${Done}${Digit}`, Found | ([Table[Digit]] extends [never] ? never : `${Done}${Table[Digit]}${string}`)>
    : Found | Done;

/** All bounds at most `Hi`. */
export type AtMost<Hi extends number> = number extends Hi
  ? string
  : [Padded<Hi>] extends [never]
    ? `=${Hi}`
    : Prefixes<Padded<Hi>, Below>;

/** All bounds at least `Lo`. */
export type AtLeast<Lo extends number> = number extends Lo
  ? string
  : [Padded<Lo>] extends [never]
    ? `=${Lo}`
    : Prefixes<Padded<Lo>, Above>;
