import { describe, expect, expectTypeOf, test } from "vitest";
import {
  AffineResource,
  ArrayOf,
  Bool,
  IntRange,
  Length,
  LinearContext,
  LinearResource,
  NonEmpty,
  OneOf,
  Optional,
  Pattern,
  Positive,
  Range,
  Refined,
  RefinementError,
  Struct,
  Text,
  Unique,
  Vector,
  and,
  at,
  concat,
  dot,
  head,
  not,
  or,
} from "../src/index.ts";
import type { AddLengths, ArrayOfLength, Concat, FitsIntRange, FitsRange, Infer, StandardSchemaProps, StandardSchemaV1 } from "../src/index.ts";

/** Checks that a value that does not compile is also refused at run time. */
function refused(work: () => unknown): void {
  expect(work).toThrow(RefinementError);
}

describe("the compiler judges literals", () => {
  const Age = Range(0, 120);
  const Small = Range(5, 10);
  const Celsius = Range(-40, 85.5);

  test("in range, at the bounds, and of union type", () => {
    const either = Math.random() < 2 ? 1 : 2;
    expect([Age(0), Age(120), Age(25), Age(0.75), Age(either), Celsius(-40), Celsius(85.5), Celsius(-0.5)]).toHaveLength(8);
    expectTypeOf(Age(25)).toEqualTypeOf<Range<0, 120>>();
    expect(Age(Age(5))).toBe(5);
    expect(Age(Small(7))).toBe(7);
  });

  test("out of range", () => {
    expect.hasAssertions();
    // @ts-expect-error: "150 is not in 0..120"
    refused(() => Age(150));
    // @ts-expect-error: "-1 is not in 0..120"
    refused(() => Age(-1));
    // @ts-expect-error: "120.01 is not in 0..120"
    refused(() => Age(120.01));
    // @ts-expect-error: "-41 is not in -40..85.5"
    refused(() => Celsius(-41));
    // @ts-expect-error: "-40.001 is not in -40..85.5"
    refused(() => Celsius(-40.001));
    // @ts-expect-error: "85.51 is not in -40..85.5"
    refused(() => Celsius(85.51));
    const either = Math.random() < 2 ? 150 : 2;
    // @ts-expect-error: one of the union is not in range
    refused(() => Age(either));
    // @ts-expect-error: an exponent cannot be compared
    refused(() => Age(1e21));
    const wide: Range<0, 200> = Range(0, 200)(150);
    // @ts-expect-error: a number in 0..200 may not be in 0..120
    refused(() => Age(wide));
    const unknownNumber: number = Number("150");
    // @ts-expect-error: known only at run time
    refused(() => Age(unknownNumber));
    // @ts-expect-error: not a number
    refused(() => Age("25"));
  });

  test("bounds out of order do not compile", () => {
    // @ts-expect-error: "5 is above 1"
    expect(() => Range(5, 1)).toThrow("expected bounds lo <= hi");
    // @ts-expect-error: "10 is above 9"
    expect(() => IntRange(10, 9)).toThrow("expected bounds lo <= hi");
    // @ts-expect-error: "-1 is above -2.5"
    expect(() => Range(-1, -2.5)).toThrow("expected bounds lo <= hi");
    const known: number = Number("3");
    expect([Range(3, 3), Range(-5, 5), IntRange(0, known), Range(known, 4), Range(0, Infinity), Range(0, 1e21)]).toHaveLength(6);
  });

  test("with messages that give the reason", () => {
    expectTypeOf<FitsRange<150, 0, 120>>().toEqualTypeOf<"150 is not in 0..120">();
    expectTypeOf<FitsRange<120, 0, 120>>().toEqualTypeOf<120>();
    expectTypeOf<FitsRange<number, 0, 120>>().toEqualTypeOf<"not a number that the compiler knows: use parse()">();
    expectTypeOf<FitsRange<Range<0, 200>, 0, 120>>().toEqualTypeOf<
      "a number in 0..200 may not be in 0..120: use parse()"
    >();
    expectTypeOf<FitsIntRange<1.5, 0, 9>>().toEqualTypeOf<"1.5 is not a whole number">();
    expectTypeOf<FitsRange<9007199254740991, 0, 9007199254740990>>().toBeString();
    expectTypeOf<FitsRange<9007199254740990, 0, 9007199254740991>>().toBeNumber();
    expectTypeOf<FitsRange<0.1, 0.09, 0.11>>().toEqualTypeOf<0.1>();
    expectTypeOf<FitsRange<0.1, 0.11, 0.12>>().toEqualTypeOf<"0.1 is not in 0.11..0.12">();
    expectTypeOf<FitsRange<-2, -10, -1>>().toEqualTypeOf<-2>();
    expectTypeOf<FitsRange<-11, -10, -1>>().toEqualTypeOf<"-11 is not in -10..-1">();
    expectTypeOf<FitsRange<10, 9, 100>>().toEqualTypeOf<10>();
  });

  test("whole numbers", () => {
    const Port = IntRange(1, 65_535);
    expect(Port(8080)).toBe(8080);
    const wide: Range<1, 65_535> = Range(1, 65_535)(Port(80));
    // @ts-expect-error: "80.5 is not a whole number"
    refused(() => Port(80.5));
    // @ts-expect-error: "0 is not in 1..65535"
    refused(() => Port(0));
    // @ts-expect-error: a Range may not be whole
    expect(Port(wide)).toBe(80);
    const low: number = 1;
    expect(IntRange(low, 10)(7)).toBe(7);
  });

  test("lengths of vectors", () => {
    const Vec3 = Vector(3);
    const v = Vec3([1, 2, 3]);
    expectTypeOf(v).toEqualTypeOf<readonly [number, number, number]>();
    expectTypeOf(v[2]).toEqualTypeOf<number>();
    // @ts-expect-error: two are not three
    refused(() => Vec3([1, 2]));
    // @ts-expect-error: four are not three
    refused(() => Vec3([1, 2, 3, 4]));
    // @ts-expect-error: known only at run time
    refused(() => Vec3([] as number[]));
    // @ts-expect-error: not a vector of numbers
    refused(() => Vec3([1, 2, "3"]));
    expectTypeOf<Vector<200>>().toEqualTypeOf<ArrayOfLength<200, number>>();
    const Ages = Vector(2, Age);
    expectTypeOf(Ages([1, 2])).toEqualTypeOf<readonly [Range<0, 120>, Range<0, 120>]>();
    refused(() => Ages([1, 150]));
  });

  test("arrays that have an element", () => {
    const Items = NonEmpty<number>();
    const items = Items([1, 2, 3]);
    expectTypeOf(items[0]).toEqualTypeOf<number>();
    expectTypeOf(Items.parse([1])).toEqualTypeOf<NonEmpty<unknown>>();
    // @ts-expect-error: nothing in it
    refused(() => Items([]));
    // @ts-expect-error: known only at run time
    refused(() => Items([] as number[]));
    // @ts-expect-error: not numbers
    Items(["x"]);
    expectTypeOf(NonEmpty(Age).parse([1])).toEqualTypeOf<NonEmpty<Range<0, 120>>>();
  });

  test("one of some literals", () => {
    const Level = OneOf("debug", "info");
    expectTypeOf(Level("info")).toEqualTypeOf<"info">();
    expectTypeOf<Infer<typeof Level>>().toEqualTypeOf<"debug" | "info">();
    // @ts-expect-error: not one of them
    refused(() => Level("loud"));
  });
});

describe("refinements in the type system", () => {
  test("names distinguish them, and they accumulate", () => {
    const Hex = Pattern(/^[0-9a-f]+$/, "hex");
    const Short = Refined(Hex, (text) => text.length < 5, "short");
    const short = Short("c0de");
    expectTypeOf(short).toExtend<Refined<string, "hex">>();
    expectTypeOf(short).toExtend<string>();
    const bare: string = "c0de";
    expectTypeOf(bare).not.toExtend<Refined<string, "hex">>();
    expectTypeOf(Length(1, 4)("x")).not.toExtend<typeof short>();
    // @ts-expect-error: the base takes strings
    refused(() => Short(7));
  });

  test("records: required, optional, default, nested", () => {
    const Config = Struct({
      id: Text,
      peers: ArrayOf(Struct({ port: IntRange(1, 9) })),
      tls: Optional(Bool),
      level: Optional(OneOf("debug", "info"), "info"),
    });
    expectTypeOf<Infer<typeof Config>>().toEqualTypeOf<{
      readonly id: string;
      readonly peers: readonly { readonly port: IntRange<1, 9> }[];
      readonly tls?: boolean;
      readonly level: "debug" | "info";
    }>();
    expect(Config({ id: "a", peers: [{ port: 3 }] }).level).toBe("info");
    // @ts-expect-error: id is missing
    refused(() => Config({ peers: [] }));
    // @ts-expect-error: the default is not of the type
    expect(() => Optional(OneOf("debug"), "loud")).toThrow("expected a default");
  });

  test("a type guard, and a Standard Schema", () => {
    const Age = Range(0, 120);
    const value: unknown = 25;
    if (Age.is(value)) expectTypeOf(value).toEqualTypeOf<Range<0, 120>>();
    expectTypeOf(Age["~standard"]).toEqualTypeOf<StandardSchemaProps<number, Range<0, 120>>>();
    const standard: StandardSchemaV1<number, Range<0, 120>> = Age;
    expectTypeOf<StandardSchemaV1.InferOutput<typeof standard>>().toEqualTypeOf<Range<0, 120>>();
    expectTypeOf<StandardSchemaV1.InferInput<typeof Age>>().toEqualTypeOf<number>();
  });
});

test("resources in the type system", async () => {
  const linear = new LinearResource({ id: 7 }, { name: "r" });
  expectTypeOf(linear.use((held) => held.id)).toEqualTypeOf<number>();
  const lent = linear.use(async (held) => held.id);
  expectTypeOf(lent).toEqualTypeOf<Promise<number>>();
  await lent;
  expectTypeOf(LinearContext.run(() => 7)).toEqualTypeOf<number>();
  expectTypeOf(linear).not.toExtend<AffineResource<{ id: number }>>();
  expectTypeOf(new AffineResource(1)).toExtend<LinearResource<number>>();
  // @ts-expect-error: the same shape is not a resource
  const fake: LinearResource<number> = { consume: () => 1 };
  expect(fake).toBeDefined();
  // @ts-expect-error: the held value cannot be reached
  expect(linear.value).toBeUndefined();
});

describe("ranges within ranges, without a call", () => {
  test("of whole bounds from 0 on", () => {
    const digit: Range<0, 9> = Range(0, 9)(7);
    const age: Range<0, 120> = digit;
    const teen: Range<0, 120> = Range(13, 19)(15);
    const whole: Range<0, 120> = IntRange(1, 99)(3);
    const port: IntRange<0, 65_535> = IntRange(1, 1023)(80);
    const big: Range<0, 9007199254740991> = Range(0, 9007199254740990)(1);
    expect([age, teen, whole, port, big]).toEqual([7, 15, 3, 80, 1]);
    expectTypeOf<Range<0, 120>>().not.toExtend<Range<0, 10>>();
    expectTypeOf<Range<0, 10>>().not.toExtend<Range<1, 120>>();
    expectTypeOf<Range<0, 9007199254740991>>().not.toExtend<Range<0, 9007199254740990>>();
    expectTypeOf<Range<5, 10>>().not.toExtend<IntRange<0, 120>>();
    expectTypeOf<Range<0, 100>>().not.toExtend<Range<0, 99>>();
    expectTypeOf<Range<20, 30>>().toExtend<Range<3, 100>>();
    expectTypeOf<Range<20, 30>>().toExtend<number>();
    expectTypeOf<number>().not.toExtend<Range<20, 30>>();
    // @ts-expect-error: 0..120 is wider than 0..9
    const narrow: Range<0, 9> = age;
    expect(narrow).toBe(7);
  });

  test("of other bounds through the call alone", () => {
    expectTypeOf<Range<-5, 5>>().not.toExtend<Range<-10, 10>>();
    expectTypeOf<Range<-5, 5>>().toExtend<Range<-5, 9>>();
    expect(Range(-10, 10)(Range(-5, 5)(1))).toBe(1);
    expectTypeOf<FitsRange<Range<-11, 5>, -10, 10>>().toEqualTypeOf<"a number in -11..5 may not be in -10..10: use parse()">();
  });
});

describe("vectors and combinators", () => {
  test("lengths add up, indices and dimensions are checked", () => {
    const v3 = Vector(3)([1, 2, 3]);
    const v2 = Vector(2)([4, 5]);
    expectTypeOf(concat(v3, v2)).toEqualTypeOf<Vector<5>>();
    expectTypeOf<Concat<Vector<500>, Vector<600>>>().toEqualTypeOf<ArrayOfLength<1100, number>>();
    expectTypeOf<Concat<Vector<3>, Vector<998>>>().toEqualTypeOf<ArrayOfLength<1001, number>>();
    expectTypeOf<AddLengths<65_535, 1>>().toEqualTypeOf<65_536>();
    expectTypeOf<AddLengths<0, 0>>().toEqualTypeOf<0>();
    expect(concat(v3, v2)).toEqual([1, 2, 3, 4, 5]);
    expectTypeOf(at(v3, 2)).toEqualTypeOf<number>();
    expect([at(v3, 0), at(v3, 2)]).toEqual([1, 3]);
    // @ts-expect-error: "3 is not below 3"
    expect(() => at(v3, 3)).toThrow(RangeError);
    // @ts-expect-error: "-1 is not an index"
    expect(() => at(v3, -1)).toThrow(RangeError);
    // @ts-expect-error: "0.5 is not an index"
    expect(() => at(v3, 0.5)).toThrow(RangeError);
    expect(dot(v3, v3)).toBe(14);
    // @ts-expect-error: two are not three
    expect(() => dot(v3, v2)).toThrow(RangeError);
    expectTypeOf(head(NonEmpty<string>()(["a"]))).toEqualTypeOf<string>();
    // @ts-expect-error: nothing in it
    expect(head([])).toBeUndefined();
  });

  test("and, or, not, Positive and Unique", () => {
    const Id = and(Length(1, 4), Pattern(/^[a-z]+$/, "lower case"));
    expectTypeOf<Infer<typeof Id>>().toExtend<Refined<string, "lower case">>();
    refused(() => Id("ABC"));
    refused(() => Id("abcde"));
    const Size = or(IntRange(1, 9), OneOf("auto"));
    expectTypeOf<Infer<typeof Size>>().toEqualTypeOf<IntRange<1, 9> | "auto">();
    expect([Size("auto"), Size(3)]).toEqual(["auto", 3]);
    const wrong = Size.safeParse(10);
    expect(wrong.ok ? [] : wrong.issues.map(({ reason }) => reason)).toEqual([
      'expected a whole number in 1..9, got 10, or expected ("auto"), got 10',
    ]);
    const Divisor = not(IntRange(-9, 9), OneOf(0), "divisor");
    refused(() => Divisor(0));
    expect(Divisor(3)).toBe(3);
    // @ts-expect-error: "-1 is not positive"
    refused(() => Positive(-1));
    // @ts-expect-error: known only at run time
    refused(() => Positive(Number("0")));
    expect(Positive(Positive(0.5))).toBe(0.5);
    refused(() => Positive.parse(Infinity));
    expect(Unique(ArrayOf(Text))(["a", "b"])).toEqual(["a", "b"]);
    refused(() => Unique(ArrayOf(Text))(["a", "a"]));
  });
});
