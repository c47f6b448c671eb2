import { expect, test } from "vitest";
import { HandshakeBudget, originOf } from "../src/tls/peers/handshake-budget.ts";

test("addresses are told apart by their network: IPv6 by 64 bits", () => {
  const same = [
    ["192.0.2.1", "::ffff:192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1", "2001:db8:1:2::", "2001:db8:1:2:ffff::%eth0"],
    ["::1", "::2", "::", "0:0:0:0:0:0:0:1"],
    ["fe80::1%eth0", "fe80::abcd"],
  ];
  const origins = same.map((addresses) => new Set(addresses.map(originOf)));
  expect(origins.map((set) => set.size)).toEqual([1, 1, 1, 1]);
  expect(new Set(origins.flatMap((set) => [...set])).size).toBe(4);
});

test("a budget is bounded, forgets, and refills", () => {
  const due: (() => void)[] = [];
  const clock = { schedule: (_delayMs: number, wake: () => void) => (due.push(wake), () => undefined) };
  const budget = new HandshakeBudget({ handshakeBurst: 3, handshakesPerSecond: 2 }, clock);
  const taken = (address: string): number => Array.from({ length: 10 }, () => budget.take(originOf(address))).filter(Boolean).length;
  expect(taken("192.0.2.1")).toBe(3);
  expect(taken("192.0.2.2")).toBe(3);
  due.shift()!();
  expect(taken("192.0.2.1")).toBe(2);
  due.shift()!();
  due.shift()!();
  expect(due).toHaveLength(0);
  expect(taken("192.0.2.1")).toBe(3);
  let all = 0;
  for (let i = 0; i < 10_000; i += 1) if (budget.take(originOf(`10.0.${i >> 8}.${i & 255}`))) all += 1;
  expect(all).toBe(4_095 + 3);
});
