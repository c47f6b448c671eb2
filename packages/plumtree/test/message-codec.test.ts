import { peerId } from "@void-system/effects";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageCodec, PAYLOAD_BYTES_MAX, type PlumtreeMessage } from "../src/index.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const origin = peerId("node_a");
const epoch = 2 ** 53 - 1;
const run = { origin, epoch, from: 258, length: 1, round: 3 };
const other = { origin: peerId("b"), epoch: 0, from: 1, length: 8_190, round: 0 };
/** The name and epoch of node_a, and counter 258. */
const STREAM = "066e6f64655f61001fffffffffffff";
const COUNTER = "000000000102";

const RECORD = Uint8Array.of(0xab, 0xcd);

/** Frozen: a change here is a change of the format. */
const VECTORS: readonly (readonly [PlumtreeMessage, string])[] = [
  [{ type: "gossip", origin, epoch, counter: 258, round: 3, ageMs: 1_000, payload: Uint8Array.of(0xab) }, `0200${STREAM}${COUNTER}0003000003e8ab`],
  [{ type: "sync", answer: true, last: false, streams: [] }, "0201010000"],
  [
    { type: "sync", answer: false, last: true, streams: [{ origin, epoch, low: 258, keptFrom: 2, runs: [{ from: 260, to: 261 }] }] },
    `0201020001${STREAM}${COUNTER}0000000000020001000000000104000000000105`,
  ],
  [
    { type: "ihave", sentMs: 1, echoMs: 2, heldMs: 3, runs: [run, { ...run, from: 300 }, other] },
    `02020000000100000002000000030002${STREAM}0002${COUNTER}0001000300000000012c000100030162000000000000000000010000000000011ffe0000`,
  ],
  [{ type: "graft", link: true, runs: [] }, "0203010000"],
  [{ type: "graft", link: false, runs: [run] }, `0203000001${STREAM}0001${COUNTER}00010003`],
  [{ type: "prune" }, "0204"],
  [{ type: "gone", runs: [run] }, `02050001${STREAM}0001${COUNTER}00010003`],
  [{ type: "join", record: RECORD }, "02060002abcd"],
  [{ type: "forward-join", links: 6, record: RECORD }, "0207060002abcd"],
  [{ type: "neighbor", isHigh: true, record: RECORD }, "0208010002abcd"],
  [{ type: "neighbor-reply", isAccepted: false, records: [RECORD] }, "020900010002abcd"],
  [{ type: "disconnect", records: [RECORD] }, "020a010002abcd"],
  [{ type: "shuffle", links: 5, path: [origin], records: [RECORD, RECORD] }, "020b0501066e6f64655f61020002abcd0002abcd"],
  [{ type: "shuffle-reply", path: [], records: [] }, "020c0000"],
];

describe("messages", () => {
  test.each(VECTORS)("frozen vector %#", (message, text) => {
    expect(hex(messageCodec.encode(message))).toBe(text);
    expect(messageCodec.decode(bytes(text))).toEqual({ ok: true, value: message });
  });

  test("every cut and every byte behind is refused, but for the end of a payload", () => {
    for (const [message, text] of VECTORS) {
      const whole = bytes(text);
      const payloadBytes = message.type === "gossip" ? message.payload.length : 0;
      for (let end = 0; end < whole.length - payloadBytes; end++) expect(messageCodec.decode(whole.subarray(0, end)).ok).toBe(false);
      expect(messageCodec.decode(Uint8Array.of(...whole, 0)).ok).toBe(message.type === "gossip");
    }
  });

  test.each([
    ["another version", "0104"],
    ["another type", "020d"],
    ["an empty record", "02060000"],
    ["too long a record", `02060401${"00".repeat(1_025)}`],
    ["an answer without a record", "02090000"],
    ["too many records of a DISCONNECT", "020a020002abcd0002abcd"],
    ["too many records", `020c0011${"0001ab".repeat(17)}`],
    ["a path from nobody", "020b050000"],
    ["too long a path", `020c11${"0161".repeat(17)}00`],
    ["too long a walk", "0207110002abcd"],
    ["a priority that is none", "0208020002abcd"],
    ["a flag that is none", "0203020000"],
    ["flags that are none", "0201040000"],
    ["no ids", "02050000"],
    ["a group without ids", `02050001${STREAM}0000`],
    ["a run without ids", `02050001${STREAM}0001${COUNTER}00000000`],
    ["too many ids", `02050001${STREAM}0001${COUNTER}20010000`],
    ["too many runs", `02050001${STREAM}0101${`${COUNTER}00010000`.repeat(257)}`],
    ["a group that goes on with the one before", `02050002${`${STREAM}0001${COUNTER}00010000`.repeat(2)}`],
    ["counter 0", `02050001${STREAM}0001${"00".repeat(6)}00010000`],
    ["counters beyond the last", `02050001${STREAM}0001fffffffffffe00020000`],
    ["a counter beyond the last", `0200${STREAM}ffffffffffff0001000003e8`],
    ["too many epochs", "0201000101"],
    ["an epoch of 2^53", `0200066e6f64655f610020000000000000${COUNTER}0003000003e8ab`],
    ["runs that touch", `0201000001${STREAM}${COUNTER}0000000000020001000000000103000000000105`],
    ["a run backwards", `0201000001${STREAM}${COUNTER}0000000000020001000000000105000000000104`],
    ["an origin that is none", `02050001012f${"00".repeat(8)}0001${COUNTER}00010000`],
    ["an origin that is not ASCII", `0205000101e9${"00".repeat(8)}0001${COUNTER}00010000`],
    ["no link", `0200${STREAM}${COUNTER}0000000003e8`],
    ["too long a payload", `0200${STREAM}${COUNTER}0001000003e8${"00".repeat(PAYLOAD_BYTES_MAX + 1)}`],
  ])("%s is refused", (_, text) => {
    expect(messageCodec.decode(bytes(text)).ok).toBe(false);
  });

  test("decoding is total, and what decodes has one form", () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(fc.constantFrom(...VECTORS.map(([, text]) => text)), fc.nat(), fc.nat({ max: 255 })).map(([text, at, byte]) => {
        const changed = bytes(text);
        changed[at % changed.length] = byte;
        return changed;
      }),
    );
    fc.assert(
      fc.property(frame, (given) => {
        const decoded = messageCodec.decode(given);
        expect(decoded.ok ? hex(messageCodec.encode(decoded.value)) : hex(given)).toBe(hex(given));
      }),
      { numRuns: 2_000 },
    );
  });
});
