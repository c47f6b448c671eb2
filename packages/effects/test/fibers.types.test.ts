/** Programs that must compile, and programs that must not. `tsc` checks both, by `@ts-expect-error`. */
import { expect, test } from "vitest";
import {
  all,
  call,
  type ClauseRow,
  type Clauses,
  type Eff,
  effect,
  type KeysOf,
  type Need,
  onExit,
  race,
  type RowOf,
  run,
  runSync,
  scope,
  spawn,
  suspend,
} from "../src/fibers/index.ts";

const Time = effect<{ now(): number; sleep(ms: number): void }>()("types/time");
const Link = effect<{ send(to: string, bytes: Uint8Array): boolean }>()("types/link");
const Line = effect<{ info(line: string): void }>()("types/line");

function* tick() {
  const now = yield* Time.now();
  yield* Time.sleep(10);
  return now + 1;
}
function* gossip(to: string) {
  const now = yield* tick();
  if (now > 5) yield* Line.info("hi");
  return yield* Link.send(to, new Uint8Array(1));
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_holds?: T): void => undefined;

const answers = { now: () => 7, sleep: () => undefined };

test("rows are inferred, and handling takes one effect out", () => {
  holds<Same<RowOf<typeof tick>, Need<"types/time">>>();
  holds<Same<KeysOf<RowOf<typeof gossip>>, "types/time" | "types/line" | "types/link">>();
  const noTime = () => Time.handle(answers, () => gossip("a"));
  holds<Same<KeysOf<RowOf<typeof noTime>>, "types/line" | "types/link">>();
  const noLink = () => Link.handle({ send: () => suspend<boolean>((resume) => resume(true)) }, noTime);
  holds<Same<KeysOf<RowOf<typeof noLink>>, "types/line">>();
  const closed = () => Line.handle({ info: (line) => void line.length }, noLink);
  holds<Same<RowOf<typeof closed>, never>>();
  const sent: boolean = runSync(closed);
  expect(sent).toBe(true);
});

test("a clause's own needs come into the row", () => {
  const logged = {
    now: function* () {
      yield* Line.info("asked");
      return yield* Time.now();
    },
    sleep: () => undefined,
  };
  holds<Same<KeysOf<ClauseRow<typeof logged>>, "types/line" | "types/time">>();
  const either = { ...answers, now: () => (holds.length > 5 ? 7 : call(tick())) };
  holds<Same<KeysOf<ClauseRow<typeof either>>, "types/time">>();
  // @ts-expect-error: what a clause needs in one case, it needs
  const refused = () => runSync(() => Time.handle(either, tick));
  expect(refused).toBeTypeOf("function");
  const body = () => Time.handle(logged, tick);
  holds<Same<KeysOf<RowOf<typeof body>>, "types/line" | "types/time">>();
  expect(runSync(() => Line.handle({ info: () => undefined }, () => Time.handle(answers, body)))).toBe(8);
});

test("results and rows go through combinators", () => {
  const program = function* () {
    const both = yield* all([tick, () => Link.send("a", new Uint8Array(0))]);
    const either = yield* race([tick, () => Link.send("a", new Uint8Array(0))]);
    const child = yield* spawn(tick);
    const joined = yield* child.join();
    const inside = yield* scope(tick);
    yield* onExit(() => Line.info("end"));
    const called = yield* call(tick());
    return { both, either, joined, inside, called };
  };
  holds<Same<KeysOf<RowOf<typeof program>>, "types/time" | "types/link" | "types/line">>();
  type Result = typeof program extends () => Eff<unknown, infer A> ? A : never;
  holds<Same<Result["both"], [number, boolean]>>();
  holds<Same<Result["either"], number | boolean>>();
  holds<Same<Result["joined"] | Result["inside"] | Result["called"], number>>();
  expect(program).toBeTypeOf("function");
});

test("what must not compile", () => {
  const never = (): void => {
    // @ts-expect-error: { "unhandled effects": "types/time" }
    void run(tick);
    // @ts-expect-error: { "unhandled effects": "types/time" | "types/link" | "types/line" }
    runSync(() => gossip("a"));
    // @ts-expect-error: one is handled, two are not
    runSync(() => Time.handle(answers, () => gossip("a")));
    // @ts-expect-error: a row of any does not pass
    runSync(tick as () => Eff<any, number>); // oxlint-disable-line typescript/no-explicit-any
    // @ts-expect-error: a row of unknown does not pass
    runSync(tick as () => Eff<unknown, number>);
    // @ts-expect-error: a stray yield is in no row
    runSync(function* () { yield 3; });
    // @ts-expect-error: an array is no program
    runSync(() => [1, 2]);
    // @ts-expect-error: a wrong answer
    Time.handle({ ...answers, now: () => "7" }, tick);
    // @ts-expect-error: a clause is missing
    Time.handle({ now: () => 7 }, tick);
    // @ts-expect-error: a promise is no answer
    Time.handle({ ...answers, now: async () => 7 }, tick);
    // @ts-expect-error: a wrong argument
    void Time.sleep("10");
    // @ts-expect-error: no such operation
    void Time.later();
    // @ts-expect-error: a name that every effect has
    effect<{ handle(): void }>()("types/reserved");
    // @ts-expect-error: an operation is a function
    effect<{ now: number }>()("types/value");
    // @ts-expect-error: a child's needs are its parent's
    runSync(() => spawn(tick));
    // @ts-expect-error: so are those of a finaliser
    runSync(() => onExit(() => Line.info("end")));
    // @ts-expect-error: and those of all
    runSync(() => all([tick]));
  };
  expect(never).toBeTypeOf("function");
});

test("generic and recursive programs keep their rows", () => {
  function* twice<R, A>(body: () => Eff<R, A>): Generator<R, [A, A]> {
    return [yield* body(), yield* body()];
  }
  function* count(n: number): Generator<Need<"types/time">, number> {
    return n === 0 ? yield* Time.now() : yield* call(count(n - 1));
  }
  const both = () => twice(() => count(3));
  holds<Same<KeysOf<RowOf<typeof both>>, "types/time">>();
  expect(runSync(() => Time.handle(answers, both))).toEqual([7, 7]);
});

test("a handler with a type of its own keeps what its clauses need", () => {
  const silent: Clauses<{ now(): number; sleep(ms: number): void }, never> = { now: () => 7, sleep: () => suspend<void>((resume) => resume()) };
  expect(runSync(() => Time.handle(silent, tick))).toBe(8);
  // @ts-expect-error: `never` is what these clauses need, and this one needs more.
  const loud: Clauses<{ now(): number }, never> = { now: () => Line.info("now") };
  expect(loud).toBeTypeOf("object");
});
