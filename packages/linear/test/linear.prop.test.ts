import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  AffineResource,
  ArrayOf,
  Finite,
  IntRange,
  LinearContext,
  LinearLeakError,
  LinearResource,
  LinearTypeError,
  Optional,
  Range,
  RefinementError,
  Struct,
  Text,
  captureSites,
} from "../src/index.ts";

/** The model's state of a handle. */
interface Handle {
  readonly resource: LinearResource<number>;
  readonly value: number;
  readonly isLinear: boolean;
  owner: number;
  isLive: boolean;
}

const CONTEXTS = 3;
const step = fc.record({
  action: fc.constantFrom("linear", "affine", "consume", "move", "use"),
  pick: fc.nat(50),
  context: fc.nat(CONTEXTS - 1),
});

/** Applies a step to both sides and returns true if they agree: the step must be refused exactly if the model refuses it. */
function perform(
  { action, pick, context: owner }: { action: string; pick: number; context: number },
  contexts: readonly LinearContext[],
  handles: Handle[],
): boolean {
  const context = contexts[owner]!;
  const value = handles.length;
  const options = { name: `r${value}`, context };
  const handle = handles[pick % Math.max(1, handles.length)];
  if (action === "linear" || handle === undefined) {
    handles.push({ resource: new LinearResource(value, options), value, isLinear: true, owner, isLive: true });
  } else if (action === "affine") {
    handles.push({ resource: new AffineResource(value, options), value, isLinear: false, owner, isLive: true });
  } else if (!handle.isLive) {
    return isRefused(() => handle.resource.consume()) && isRefused(() => handle.resource.move(context));
  } else if (action === "use") {
    return handle.resource.use((held) => held) === handle.value;
  } else {
    handle.isLive = false;
    if (action === "consume") return handle.resource.consume() === handle.value;
    handles.push({ ...handle, resource: handle.resource.move(context), owner, isLive: true });
  }
  return true;
}

function isRefused(work: () => unknown): boolean {
  try {
    work();
  } catch (error) {
    return error instanceof LinearTypeError;
  }
  return false;
}

test("each value leaves once, and each context reports exactly the linear ones that it still owns", () => {
  const sites = captureSites(false);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const contexts = Array.from({ length: CONTEXTS }, (_, n) => new LinearContext({ name: `c${n}` }));
      const handles: Handle[] = [];
      for (const one of steps) expect(perform(one, contexts, handles)).toBe(true);
      for (const [owner, context] of contexts.entries()) {
        const left = handles.filter((handle) => handle.isLive && handle.isLinear && handle.owner === owner);
        let reported: readonly string[] = [];
        try {
          context.close();
        } catch (error) {
          if (!(error instanceof LinearLeakError)) throw error;
          reported = error.leaks.map((leak) => leak.name);
        }
        expect(reported.toSorted()).toEqual(left.map((handle) => handle.resource.name).toSorted());
      }
      for (const handle of handles) expect(() => handle.resource.consume()).toThrow(LinearTypeError);
    }),
  );
  captureSites(sites);
});

test("a range accepts exactly the numbers between its bounds", () => {
  const bound = fc.double({ noNaN: true });
  fc.assert(
    fc.property(bound, bound, fc.double(), (one, other, value) => {
      const lo = Math.min(one, other);
      const hi = Math.max(one, other);
      expect(Range(lo, hi).is(value)).toBe(Number.isFinite(value) && value >= lo && value <= hi);
    }),
  );
});

test("a parser throws only its own error, and its result parses to itself", () => {
  const Config = Struct({
    a: Optional(IntRange(-5, 5), 0),
    b: Optional(ArrayOf(Finite, { max: 3 })),
    c: Optional(Struct({ d: Optional(Text) })),
  });
  const parsedOrRefused = (value: unknown): unknown => {
    try {
      return Config.parse(value);
    } catch (error) {
      if (error instanceof RefinementError && error.issues.length > 0) return "refused";
      throw error;
    }
  };
  const near = fc.record(
    {
      a: fc.oneof(fc.integer({ min: -6, max: 6 }), fc.anything()),
      b: fc.array(fc.double(), { maxLength: 4 }),
      c: fc.oneof(fc.object(), fc.record({ d: fc.string() })),
    },
    { requiredKeys: [] },
  );
  const wild = fc.anything({ withNullPrototype: true, withSparseArray: true, withBigInt: true });
  fc.assert(
    fc.property(fc.oneof(near, wild), (value) => {
      const parsed = parsedOrRefused(value);
      expect(Config.safeParse(value).ok).toBe(parsed !== "refused");
      expect(Config.is(parsed)).toBe(parsed !== "refused");
      expect(parsedOrRefused(parsed)).toEqual(parsed);
    }),
  );
});
