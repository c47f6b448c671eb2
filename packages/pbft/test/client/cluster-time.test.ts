import { expect, test } from "vitest";
import { ClusterTime } from "../../src/client/cluster-time.ts";

test("it is this machine's clock until the cluster has answered, then the latest agreed time, going on with the monotonic clock", () => {
  const time = new ClusterTime();
  expect(time.nowMs({ wallMs: 70.5, monotonicMs: 3 })).toBe(70);
  time.learn(1_000, { wallMs: 70, monotonicMs: 10 });
  expect(time.nowMs({ wallMs: 70, monotonicMs: 15 })).toBe(1_005);
  // An older answer comes late.
  time.learn(900, { wallMs: 70, monotonicMs: 20 });
  expect(time.nowMs({ wallMs: 70, monotonicMs: 20 })).toBe(1_010);
});
