import { describe, expect, test } from "vitest";
import { AffineResource, LinearLeakError, LinearResource, observeResources } from "../src/index.ts";
import { expectNoLeaks, leakMatchers } from "../src/vitest.ts";

declare module "vitest" {
  // oxlint-disable-next-line no-explicit-any -- as vitest declares it
  interface Matchers<T = any> {
    toLeaveNoLeaks(): T;
  }
}

describe("leak checks", () => {
  test("expectNoLeaks names leaked resources, sync and async, and passes results and errors through", async () => {
    expect(expectNoLeaks(() => new LinearResource(1).consume())).toBe(1);
    expect(() => expectNoLeaks(() => void new LinearResource(1, { name: "lost" }))).toThrow("lost");
    expect(() => expectNoLeaks(() => void new AffineResource(1))).not.toThrow();
    await expect(expectNoLeaks(async () => new LinearResource(1, { name: "late" }).name)).rejects.toThrow(LinearLeakError);
    await expect(expectNoLeaks(async () => new LinearResource(2).consume())).resolves.toBe(2);
    await expect(expectNoLeaks(async () => { throw new Error("own"); })).rejects.toThrow("own");
    expect(() => expectNoLeaks(() => { throw new Error("own"); })).toThrow("own");
    expect(() => expectNoLeaks(() => expectNoLeaks(() => new LinearResource(1)))).toThrow(LinearLeakError);
    expect(observeResources(undefined)).toBe(undefined);
  });

  test("the matcher passes if nothing leaked", () => {
    expect.extend(leakMatchers);
    expect(() => new LinearResource(1).consume()).toLeaveNoLeaks();
    expect(() => void new LinearResource(1)).not.toLeaveNoLeaks();
    expect(leakMatchers.toLeaveNoLeaks(() => undefined).pass).toBe(true);
    const verdict = leakMatchers.toLeaveNoLeaks(() => void new LinearResource(1, { name: "lost" }));
    expect([verdict.pass, verdict.message().includes("lost")]).toEqual([false, true]);
    expect(() => leakMatchers.toLeaveNoLeaks(() => { throw new Error("own"); })).toThrow("own");
  });
});
