import { describe, expect, test } from "vitest";
import { all, call, runSync } from "../src/fibers/index.ts";
import { Door, watch } from "./fiber-kit.ts";

describe("stacks", () => {
  const door = new Door<void>();
  function* bottom(): Generator<never, void> {
    yield* door.wait();
    throw new Error("lost");
  }
  function* middle(): Generator<never, void> {
    yield* call(bottom());
  }
  function* plain(): Generator<never, void> {
    yield* middle();
  }
  function* top(): Generator<never, void> {
    yield* call(plain());
  }
  const framesOf = (error: unknown): string[] =>
    (error as Error).stack!.split("\n").filter((line) => line.startsWith("    at ")).map((line) => line.trim().split(" ")[1]!);

  test("show the user's functions from the throw outward, across a suspension, and nothing else", () => {
    const seen = watch(top);
    door.open();
    expect(seen.outcome).toMatchObject({ type: "failed", error: { message: "lost" } });
    const { error } = seen.outcome as { error: unknown };
    expect(framesOf(error)).toEqual(["bottom", "middle", "plain", "top"]);
  });

  test("go on from a child to who waits for it, and keep who called runSync", () => {
    function* parent(): Generator<never, void> {
      yield* all([bottom]);
    }
    const seen = watch(parent);
    door.open();
    expect(framesOf((seen.outcome as { error: unknown }).error)).toEqual(["bottom", "parent"]);
    function* inner(): Generator<never, void> {
      throw new Error("at once");
    }
    function* outer(): Generator<never, void> {
      yield* call(inner());
    }
    const caller = (): unknown => {
      try {
        return runSync(outer);
      } catch (error) {
        return error;
      }
    };
    expect(framesOf(caller()).slice(0, 3)).toEqual(["inner", "outer", "caller"]);
  });

  test("are those of the user in a cause, too", () => {
    const seen = watch(function* named(): Generator<never, void> {
      try {
        yield* plain();
      } catch (cause) {
        throw new Error("wrapped", { cause });
      }
    });
    door.open();
    const { error } = seen.outcome as { error: Error };
    expect(framesOf(error)).toEqual(["named"]);
    expect(framesOf(error.cause)).toEqual(["bottom", "middle", "plain", "named"]);
  });

  test("leave the engine's limit of lines as it was", () => {
    const limit = Error.stackTraceLimit;
    expect(runSync(function* () { return Error.stackTraceLimit; })).toBeGreaterThan(limit);
    expect(Error.stackTraceLimit).toBe(limit);
    const frozen = Object.freeze(new Error("frozen"));
    expect(() => runSync(() => { throw frozen; })).toThrow(frozen);
  });
});
