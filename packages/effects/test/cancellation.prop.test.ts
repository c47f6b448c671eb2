/**
 * The law of cancellation, on random programs that are cancelled at random waits. Every acquired resource is released
 * once, in reverse order, and no wait begins afterwards.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  acquire, all, call, type Eff, effect, ensure, launch, type Need, type Outcome, race, ResumedTwiceError, scope, spawn, suspend,
  uninterrupted,
} from "../src/fibers/index.ts";

const Step = effect<{ wait(owner: Owner): void }>()("laws/cancelled-step");
type Row = Need<"laws/cancelled-step">;

type Tree =
  | { readonly kind: "wait" | "operation" | "throw" | "cancel" | "cancels where it waits" }
  | { readonly kind: "acquire"; readonly opens: readonly Tree[]; readonly waits: boolean; readonly throws: boolean }
  | { readonly kind: "ensure"; readonly waits: boolean; readonly throws: boolean; readonly inside: readonly Tree[] }
  | { readonly kind: "uninterrupted" | "scope" | "call" | "spawn" | "caught" | "plain"; readonly inside: readonly Tree[] }
  | { readonly kind: "race" | "all"; readonly branches: readonly (readonly Tree[])[] };

const leaf = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Tree>({ kind: "wait" }) },
  { weight: 2, arbitrary: fc.constant<Tree>({ kind: "operation" }) },
  { weight: 1, arbitrary: fc.constant<Tree>({ kind: "throw" }) },
  { weight: 1, arbitrary: fc.constant<Tree>({ kind: "cancel" }) },
  { weight: 1, arbitrary: fc.constant<Tree>({ kind: "cancels where it waits" }) },
);
const { inside: program } = fc.letrec<{ tree: Tree; inside: readonly Tree[] }>((tie) => ({
  inside: fc.array(tie("tree"), { maxLength: 4 }),
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.record({ kind: fc.constant("acquire" as const), opens: tie("inside"), waits: fc.boolean(), throws: fc.boolean() }),
    fc.record({ kind: fc.constant("ensure" as const), waits: fc.boolean(), throws: fc.boolean(), inside: tie("inside") }),
    fc.record({
      kind: fc.constantFrom("uninterrupted" as const, "scope" as const, "call" as const, "spawn" as const, "caught" as const, "plain" as const),
      inside: tie("inside"),
    }),
    fc.record({
      kind: fc.constantFrom("race" as const, "all" as const),
      branches: fc.array(tie("inside"), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

/** The law's model of a fiber. */
interface Owner {
  /** Resources acquired and not released, each with the number of children at its acquisition. */
  readonly held: { readonly id: number; readonly children: number }[];
  readonly children: Owner[];
  /** The present wait. */
  waits?: Wait;
}

interface Wait {
  readonly answer: () => void;
  /** True if the wait must be answered even after a cancellation. */
  readonly mustEnd: boolean;
  state: "open" | "answered" | "taken back";
}

/**
 * Effect of a cancellation on waits. `no`: no wait begins. `begins`: a child of an uninterrupted program may still begin
 * one. `ends`: the cancellation waits for them.
 */
type Masked = "no" | "begins" | "ends";

class Run {
  readonly waits: Wait[] = [];
  readonly faults: string[] = [];
  readonly root: Owner = { held: [], children: [] };
  acquired = 0;
  released = 0;
  ensured = 0;
  finalized = 0;
  isCancelled = false;
  isRootCancelled = false;
  cancel: () => void = () => undefined;

  wait(owner: Owner, masked: Masked, cancels = false): Eff<never, void> {
    return suspend<void>((resume) => {
      this.begins(owner, masked);
      if (cancels) this.cancelRoot();
      const wait: Wait = { answer: () => resume(), mustEnd: masked === "ends", state: "open" };
      this.waits.push(wait);
      owner.waits = wait;
      return () => { wait.state = "taken back"; };
    });
  }

  /** The first fiber may cancel itself. The others are cancelled in their turn. */
  cancelRoot(): void {
    this.isRootCancelled = true;
    this.cancel();
  }

  begins(owner: Owner, masked: Masked): void {
    if (masked === "no" && (this.isCancelled || (this.isRootCancelled && owner === this.root)))
      this.faults.push("something began after the cancellation");
  }

  answer(wait: Wait | undefined): boolean {
    if (!wait) return false;
    wait.state = "answered";
    wait.answer();
    return true;
  }

  release(owner: Owner, id: number): void {
    const last = owner.held.pop();
    if (last?.id !== id) this.faults.push(`released ${id}, not ${last?.id}`);
    for (const child of owner.children.slice(last?.children))
      if (isHolding(child)) this.faults.push(`released ${id} before what a later child holds`);
    this.released += 1;
  }

  *perform(trees: readonly Tree[], owner: Owner, masked: Masked): Generator<Row, void> {
    for (const tree of trees) yield* this.one(tree, owner, masked);
  }

  child(owner: Owner, trees: readonly Tree[], masked: Masked): () => Eff<Row, void> {
    const child: Owner = { held: [], children: [] };
    owner.children.push(child);
    return () => this.perform(trees, child, masked);
  }

  *one(tree: Tree, owner: Owner, masked: Masked): Generator<Row, void> {
    if (tree.kind === "wait") yield* this.wait(owner, masked);
    else if (tree.kind === "operation") yield* (masked === "no" ? Step.wait(owner) : this.wait(owner, masked));
    else if (tree.kind === "throw") throw new Error("planned");
    else if (tree.kind === "cancel") this.cancelRoot();
    else if (tree.kind === "cancels where it waits") yield* this.wait(owner, masked, true);
    else if (tree.kind === "acquire") yield* this.acquiring(tree, owner, masked);
    else if (tree.kind === "ensure") {
      yield* ensure(
        () => { this.ensured += 1; return this.perform(tree.inside, owner, masked); },
        () => this.finalize(tree, owner),
      );
    } else if (tree.kind === "uninterrupted") {
      yield* uninterrupted(() => { this.begins(owner, masked); return this.perform(tree.inside, owner, "ends"); });
    } else if (tree.kind === "scope") yield* scope(this.child(owner, tree.inside, masked));
    else if (tree.kind === "call") yield* call(this.perform(tree.inside, owner, masked));
    else if (tree.kind === "plain") yield* this.perform(tree.inside, owner, masked);
    else if (tree.kind === "spawn") yield* spawn(this.child(owner, tree.inside, masked === "no" ? "no" : "begins"));
    else if (tree.kind === "caught") {
      try {
        yield* this.perform(tree.inside, owner, masked);
      } catch {
        // Planned.
      }
    } else if ("branches" in tree) {
      const programs = tree.branches.map((one) => this.child(owner, one, masked));
      yield* (tree.kind === "race" ? race(programs) : all(programs));
    }
  }

  *finalize({ waits, throws }: { readonly waits: boolean; readonly throws: boolean }, owner: Owner): Generator<never, void> {
    if (waits) yield* this.wait(owner, "ends");
    this.finalized += 1;
    if (throws) throw new Error("planned");
  }

  *acquiring({ opens, waits, throws }: Extract<Tree, { kind: "acquire" }>, owner: Owner, masked: Masked): Generator<Row, void> {
    yield* acquire(
      () => {
        this.begins(owner, masked);
        return this.open(opens, owner);
      },
      (id) => this.close(id, waits, throws, owner),
    );
  }

  *open(opens: readonly Tree[], owner: Owner): Generator<Row, number> {
    yield* this.perform(opens, owner, "ends");
    const id = this.acquired++;
    owner.held.push({ id, children: owner.children.length });
    return id;
  }

  *close(id: number, waits: boolean, throws: boolean, owner: Owner): Generator<never, void> {
    if (waits) yield* this.wait(owner, "ends");
    this.release(owner, id);
    if (throws) throw new Error("planned");
  }
}

function isHolding({ held, children }: Owner): boolean {
  return held.length > 0 || children.some(isHolding);
}

/** Returns the wait that ends next: concurrent fibers end one after the other, in reverse order. */
function next({ waits, children }: Owner): Wait | undefined {
  if (waits?.state === "open" && waits.mustEnd) return waits;
  for (const child of children.toReversed()) {
    const wait = next(child);
    if (wait) return wait;
  }
  return undefined;
}

function law(trees: readonly Tree[], cut: number): Run {
  const run = new Run();
  const outcomes: Outcome<void>[] = [];
  const { cancel } = launch(
    () => Step.handle({ wait: (owner) => run.wait(owner, "no") as never }, function* () {
      // This wait lets `run.cancel` be set before the program could cancel itself.
      yield* run.wait(run.root, "no");
      yield* run.perform(trees, run.root, "no");
    }),
    (ended) => void outcomes.push(ended),
  );
  run.cancel = cancel;
  for (let at = 0; at < cut && run.answer(run.waits.find(({ state }) => state === "open")); at += 1);
  if (outcomes.length === 0) {
    cancel();
    run.isCancelled = true;
    cancel();
  }
  while (run.answer(next(run.root)));
  expect(run.faults).toEqual([]);
  expect(outcomes).toHaveLength(1);
  expect([run.released, run.finalized]).toEqual([run.acquired, run.ensured]);
  expect(isHolding(run.root)).toBe(false);
  for (const { state, answer } of run.waits) {
    expect(state).not.toBe("open");
    if (state === "answered") expect(answer).toThrow(ResumedTwiceError);
    else answer();
  }
  expect(outcomes).toHaveLength(1);
  return run;
}

test("a program that is cancelled anywhere releases everything once, in reverse order, and begins nothing afterwards", () => {
  const waits = { cut: 0, acquired: 0 };
  fc.assert(
    fc.property(program, fc.nat(13), (trees, cut) => {
      const run = law(trees, cut);
      waits.acquired += run.acquired;
      if (run.isCancelled) waits.cut += 1;
    }),
    { numRuns: 500 },
  );
  // The law must not hold vacuously.
  expect(Math.min(waits.cut, waits.acquired)).toBeGreaterThan(100);
});
