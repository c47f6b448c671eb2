import fc from "fast-check";
import { expect, test } from "vitest";
import { call, type Eff, effect, FinalizersFailedError, launch, type Need, onExit, type Outcome, runSync, scope, suspend } from "../src/fibers/index.ts";

// ── handlers: a program of nested handlers against a stack of closures ──

const Level = effect<{ value(): number }>()("laws/level");

type Nest =
  | { readonly kind: "ask" }
  | { readonly kind: "fixed" | "above"; readonly add: number; readonly waits: boolean; readonly inside: readonly Nest[] }
  | { readonly kind: "call"; readonly inside: readonly Nest[] }
  | { readonly kind: "throws"; readonly inside: readonly Nest[] };

const { nest } = fc.letrec<{ nest: Nest; inside: readonly Nest[] }>((tie) => ({
  inside: fc.array(tie("nest"), { maxLength: 3 }),
  nest: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constant<Nest>({ kind: "ask" }),
    fc.record({
      kind: fc.constantFrom("fixed" as const, "above" as const),
      add: fc.nat(9),
      waits: fc.boolean(),
      inside: tie("inside"),
    }),
    fc.record({ kind: fc.constant("call" as const), inside: tie("inside") }),
    fc.record({ kind: fc.constant("throws" as const), inside: tie("inside") }),
  ),
}));

/** Returns the values that a program of this shape must see. `value` is the answer of the handler in force. */
function expected(nests: readonly Nest[], value: number): (number | string)[] {
  return nests.flatMap((one) => {
    if (one.kind === "ask") return [value];
    if (one.kind === "call") return expected(one.inside, value);
    if (one.kind === "throws") return [...expected(one.inside, -1), "caught", value];
    return expected(one.inside, one.kind === "above" ? value + one.add : one.add);
  });
}

/** Waits that the test ends. */
const waiting: (() => void)[] = [];
const turn = (): Eff<never, void> => suspend<void>((resume) => void waiting.push(resume));

type Level = Need<"laws/level">;

function* program(nests: readonly Nest[], seen: (number | string)[]): Generator<Level, void> {
  for (const one of nests) {
    if (one.kind === "ask") {
      seen.push(yield* Level.value());
    } else if (one.kind === "call") {
      yield* call(program(one.inside, seen));
    } else if (one.kind === "throws") {
      try {
        yield* Level.handle({ value: () => -1 }, () => failing(one.inside, seen));
      } catch {
        seen.push("caught", yield* Level.value());
      }
    } else {
      yield* Level.handle(handlerOf(one), () => program(one.inside, seen));
    }
  }
}

function* failing(inside: readonly Nest[], seen: (number | string)[]): Generator<Level, void> {
  yield* program(inside, seen);
  yield* turn();
  throw new Error("planned");
}

function handlerOf(one: Extract<Nest, { readonly add: number }>) {
  return {
    *value() {
      if (one.waits) yield* turn();
      return one.kind === "above" ? one.add + (yield* Level.value()) : one.add;
    },
  };
}

test("handlers answer as a stack of closures would, across waits, calls and throws", () => {
  fc.assert(
    fc.property(fc.array(nest, { maxLength: 4 }), (nests) => {
      const seen: (number | string)[] = [];
      let outcome: Outcome<void> | undefined;
      launch(
        () => Level.handle({ value: () => 0 }, () => program(nests, seen)),
        (ended) => { outcome = ended; },
      );
      for (let resume = waiting.shift(); resume; resume = waiting.shift()) resume();
      expect(outcome).toEqual({ type: "done", value: undefined });
      expect(seen).toEqual(expected(nests, 0));
    }),
    { numRuns: 300 },
  );
});

// ── finalisers: a tree of scopes, ended anywhere, against a stack ──

type Part =
  | { readonly kind: "finalizer"; readonly id: number; readonly throws: boolean; readonly waits: boolean }
  | { readonly kind: "finally"; readonly id: number; readonly inside: readonly Part[] }
  | { readonly kind: "scope"; readonly inside: readonly Part[] }
  | { readonly kind: "wait" }
  | { readonly kind: "throw" };

const { part } = fc.letrec<{ part: Part; inside: readonly Part[] }>((tie) => ({
  inside: fc.array(tie("part"), { maxLength: 4 }),
  part: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ kind: fc.constant("finalizer" as const), id: fc.nat(999), throws: fc.boolean(), waits: fc.boolean() }),
    fc.constant<Part>({ kind: "wait" }),
    fc.record({ kind: fc.constant("throw" as const) }),
    fc.record({ kind: fc.constant("finally" as const), id: fc.nat(999), inside: tie("inside") }),
    fc.record({ kind: fc.constant("scope" as const), inside: tie("inside") }),
  ),
}));

/** Returns the expected order of finalisers, and the number of failures, of a run that is cancelled at its `cut`-th wait. */
function model(parts: readonly Part[], cut: number): { order: string[]; failures: number; ended: boolean } {
  const order: string[] = [];
  let waits = 0;
  type End = "on" | "cut" | "failed";
  const inScope = (inside: readonly Part[]): { end: End; failures: number } => {
    const finalizers: Extract<Part, { kind: "finalizer" }>[] = [];
    const block = (inner: readonly Part[]): End => {
      for (const one of inner) {
        let end: End = "on";
        if (one.kind === "finalizer") finalizers.push(one);
        else if (one.kind === "wait") end = waits++ === cut ? "cut" : "on";
        else if (one.kind === "throw") end = "failed";
        else if (one.kind === "finally") {
          end = block(one.inside);
          order.push(`finally ${one.id}`);
        } else {
          const nested = inScope(one.inside);
          nestedFailures += nested.end === "cut" ? nested.failures : 0;
          end = nested.end === "cut" ? "cut" : nested.failures > 0 ? "failed" : "on";
        }
        if (end !== "on") return end;
      }
      return "on";
    };
    let nestedFailures = 0;
    const end = block(inside);
    let failures = end === "failed" ? 1 : 0;
    for (const one of finalizers.toReversed()) {
      order.push(`finalizer ${one.id}`);
      if (one.throws) failures += 1;
    }
    return { end, failures: failures + nestedFailures };
  };
  const { end, failures } = inScope(parts);
  return { order, failures, ended: end === "cut" };
}

function* perform(parts: readonly Part[], order: string[], turns: (() => void)[]): Generator<never, void> {
  const wait = (): Eff<never, void> => suspend<void>((resume) => void turns.push(resume));
  for (const one of parts) {
    if (one.kind === "wait") yield* wait();
    else if (one.kind === "throw") throw new Error("planned");
    else if (one.kind === "scope") yield* scope(() => perform(one.inside, order, turns));
    else if (one.kind === "finally") {
      try {
        yield* call(perform(one.inside, order, turns));
      } finally {
        order.push(`finally ${one.id}`);
      }
    } else {
      yield* onExit(function* () {
        if (one.waits) yield* suspend<void>((resume) => void closing.push(resume));
        order.push(`finalizer ${one.id}`);
        if (one.throws) throw new Error(`finalizer ${one.id}`);
      });
    }
  }
}

const closing: (() => void)[] = [];
function close(): void {
  for (let resume = closing.shift(); resume; resume = closing.shift()) resume();
}

test("finalisers run once, last in first out, wherever a run ends", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.nat(6), (parts, cut) => {
      const order: string[] = [];
      const turns: (() => void)[] = [];
      let outcome: Outcome<void> | undefined;
      const { cancel } = launch(
        () => perform(parts, order, turns),
        (ended) => { outcome = ended; },
      );
      for (let at = 0; ; at += 1) {
        close();
        const resume = turns.shift();
        if (!resume) break;
        if (at === cut) {
          cancel();
          close();
          break;
        }
        resume();
      }
      const want = model(parts, cut);
      expect(order).toEqual(want.order);
      expect(outcome?.type).toBe(want.failures > 0 ? "failed" : want.ended ? "cancelled" : "done");
    }),
    { numRuns: 500 },
  );
});

test("of several failures none is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 6 }), fc.boolean(), (throws, body) => {
      const names = throws.flatMap((does, at) => (does ? [`finalizer ${at}`] : []));
      const all = [...(body ? ["body"] : []), ...names.toReversed()];
      let thrown: unknown;
      try {
        runSync(function* () {
          for (const [at, does] of throws.entries())
            yield* onExit(() => {
              if (does) throw new Error(`finalizer ${at}`);
            });
          if (body) throw new Error("body");
        });
      } catch (error) {
        thrown = error;
      }
      const errors = thrown instanceof FinalizersFailedError ? thrown.errors : thrown === undefined ? [] : [thrown];
      expect(errors.map((error) => (error as Error).message)).toEqual(all);
    }),
  );
});
