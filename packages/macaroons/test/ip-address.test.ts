import { BlockList, isIP } from "node:net";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isInNetwork, parseIp, parseNetwork } from "../src/caveat/ip-address.ts";

test("an address is one exactly where Node finds one", () => {
  const near = fc.string({ unit: fc.constantFrom(..."01:.af25"), maxLength: 24 });
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), near), (text) => {
      expect(parseIp(text) !== undefined).toBe(isIP(text) !== 0);
    }),
    { numRuns: 3000 },
  );
});

test("a network has the addresses that Node's BlockList finds in it", () => {
  const bits = fc.integer({ min: 0, max: 32 });
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), bits, (text, other, prefix) => {
      const bytes = (parseIp(text) ?? []).map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - at * 8))) & 0xff);
      const network = parseNetwork(`${bytes.join(".")}/${prefix}`);
      const list = new BlockList();
      list.addSubnet(text, prefix);
      for (const address of [text, other]) {
        expect(network !== undefined && isInNetwork(parseIp(address) ?? [], network)).toBe(list.check(address));
      }
    }),
    { numRuns: 1000 },
  );
});

test("networks: version 6, mapped version 4, and what is none", () => {
  const has = (network: string, address: string): boolean | undefined => {
    const parsed = parseNetwork(network);
    return parsed && isInNetwork(parseIp(address) ?? [], parsed);
  };
  expect(has("2001:db8::/32", "2001:db8:ffff::1")).toBe(true);
  expect(has("2001:db8::/32", "2001:db9::")).toBe(false);
  expect(has("10.0.0.0/8", "::ffff:10.1.2.3")).toBe(true);
  expect(has("::ffff:10.0.0.0/104", "10.1.2.3")).toBe(true);
  expect(has("::/0", "10.1.2.3")).toBe(false);
  expect(has("0.0.0.0/0", "::1")).toBe(false);
  expect(has("10.0.0.0/8", "")).toBe(false);
  for (const bad of ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/8/8", "::ffff:10.0.0.0/8", "2001:db8::/129", "x/1"]) {
    expect([bad, parseNetwork(bad)]).toEqual([bad, undefined]);
  }
});
