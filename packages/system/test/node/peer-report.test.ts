import fc from "fast-check";
import { expect, test } from "vitest";
import { type PeerReport, decodePeerReport, encodePeerReport } from "../../src/node/peer-report.ts";

const report: PeerReport = { rootKeyId: "0102030405060708", configId: "1112131415161718", wallMs: 1_700_000_000_000, executed: 258, hasVoted: true, isEmptied: false, voters: [0, 1, 30] };

test("a frozen report", () => {
  expect(Buffer.from(encodePeerReport(report)).toString("hex")).toBe(
    "0101" + "0102030405060708" + "1112131415161718" + "0000018bcfe56800" + "0000000000000102" + "40000003",
  );
});

test("what is sent is read", () => {
  const id = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString("hex"));
  const any = fc.record({
    rootKeyId: id, configId: id, wallMs: fc.maxSafeNat(), executed: fc.maxSafeNat(), hasVoted: fc.boolean(), isEmptied: fc.boolean(),
    voters: fc.uniqueArray(fc.integer({ min: 0, max: 30 })).map((list) => list.toSorted((one, other) => one - other)),
  });
  fc.assert(fc.property(any, (sent) => void expect(decodePeerReport(encodePeerReport(sent))).toEqual({ ok: true, value: sent })));
});

test("any other bytes are refused; a later version may say more", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void decodePeerReport(bytes)));
  const later = Uint8Array.of(...encodePeerReport(report), 1, 2, 3);
  expect(decodePeerReport(later).ok).toBe(false);
  later[0] = 2;
  expect(decodePeerReport(later)).toEqual({ ok: true, value: report });
});
