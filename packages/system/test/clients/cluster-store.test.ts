import { all } from "@void-system/effects/fibers";
import { describe, expect, test } from "vitest";
import { UnreachableClusterError } from "../../src/errors.ts";
import { Store } from "../../src/store/store.ts";
import { begin, errorOf, inStore } from "../support/program.ts";

describe("the store of a cluster", () => {
  const get = () => inStore(() => Store.get("k"));

  test("goes on with the next node when one does not answer, or may answer later", () => {
    const { machine, watched } = begin(get, { answers: [new Error("connect ECONNREFUSED"), "BUSY too much waits here", "SHUTDOWN this node is stopping"] });
    expect(watched.end()).toEqual({ type: "done", value: undefined });
    expect(machine.ports).toEqual([6_000, 6_001, 6_002, 6_003]);
  });

  test("a refusal is final", () => {
    const { machine, watched } = begin(get, { answers: ["NOPERM not this key"] });
    expect(errorOf(watched.end())).toMatchObject({ code: "ERR_COMMAND", message: "GET was refused: NOPERM not this key" });
    expect(machine.ports).toEqual([6_000]);
  });

  test("gives up after five rounds with a pause between, and says what it heard last", () => {
    const { steps, machine, watched } = begin(get, { answers: Array.from({ length: 99 }, (_, index) => new Error(`refused ${index}`)) });
    const error = errorOf(watched.end());
    expect(error).toBeInstanceOf(UnreachableClusterError);
    expect(String(error)).toContain("last: refused 19");
    expect(machine.ports).toHaveLength(20);
    expect(steps.monotonicMs()).toBe(4 * 500);
  });

  test("commands side by side leave a bad node together", () => {
    const down = Array.from({ length: 3 }, () => new Error("connect ECONNREFUSED"));
    const { machine, watched } = begin(() => inStore(() => all([1, 2, 3].map((key) => () => Store.get(String(key))))), { answers: down });
    expect(watched.end().type).toBe("done");
    expect(machine.ports).toEqual([6_000, 6_000, 6_000, 6_001, 6_001, 6_001]);
  });
});
