import { isIP } from "node:net";
import { expect, test } from "vitest";
import { BAKERY_CAVEATS, CapabilityManager, MacaroonFactory, createStandardVerifier } from "../src/index.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
const manager = new CapabilityManager(factory, createStandardVerifier(BAKERY_CAVEATS));
const context = { timeMs: Date.parse("2030-01-01T00:00:00Z"), resource: "/", operation: "read" };

function judge(caveat: string, address?: string): string {
  const verdict = manager.verify(factory.mint([caveat]), { ...context, address });
  return verdict.ok ? "ok" : verdict.reason;
}

test("time-before: RFC 3339, exclusive, never later than it is written", () => {
  for (const time of ["2030-01-01T00:00:00.001Z", "2030-01-01T00:00:00.001999999Z", "2030-01-01T01:00:00+00:59", "2029-12-31T23:30:00-00:31"]) {
    expect(judge(`time-before ${time}`)).toBe("ok");
  }
  for (const time of ["2030-01-01T00:00:00Z", "2030-01-01T00:00:00.000999999Z", "2030-01-01T01:00:00+01:00", "2029-02-28T00:00:00Z"]) {
    expect(judge(`time-before ${time}`)).toBe("expired");
  }
  for (const bad of ["2030-02-30T00:00:00Z", "2030-13-01T00:00:00Z", "2030-01-01", "2030-01-01T24:00:00Z", "2030-01-01T00:00:00", "2030-01-01T00:00:00Z ", "1e9", "2030-01-01t00:00:00z"]) {
    expect(judge(`time-before ${bad}`)).toBe("unknown-caveat");
  }
});

test("a once token may end by time-before", async () => {
  const token = factory.mint(["once", "time-before 2031-01-01T00:00:00Z"]);
  expect((await manager.consume(token, context)).ok).toBe(true);
  expect(await manager.consume(token, context)).toEqual({ ok: false, reason: "already-used" });
});

test("ipaddr: equal addresses, however they are written", () => {
  for (const same of ["10.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1", "0:0:0:0:0:FFFF:0A00:0001"]) expect(judge("ipaddr 10.0.0.1", same)).toBe("ok");
  for (const same of ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "2001:db8::0.0.0.1"]) expect(judge("ipaddr 2001:db8::1", same)).toBe("ok");
  for (const other of ["10.0.0.2", "10.0.0.1 ", "", "::10.0.0.1", "010.0.0.1", "10.0.0.01"]) expect(judge("ipaddr 10.0.0.1", other)).toBe("wrong-address");
  expect(judge("ipaddr 10.0.0.1")).toBe("incomplete-context");
  for (const bad of ["10.0.0", "256.0.0.1", "1::2::3", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "g::1", "::1%lo"]) {
    if (isIP(bad) === 0 || bad.includes("%")) expect(judge(`ipaddr ${bad}`)).toBe("unknown-caveat");
  }
});
