import { peerId } from "@void-system/effects";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageCodec, messageId, PAYLOAD_BYTES_MAX, type PlumtreeMessage } from "../src/index.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const id = messageId(peerId("node_a"), 2 ** 48 - 1, 258);
const ID = "066e6f64655f61ffffffffffff000000000102";

/** Frozen: a change here is a change of the format. */
const VECTORS: readonly (readonly [PlumtreeMessage, string])[] = [
  [{ type: "gossip", id, round: 3, ageMs: 1_000, payload: Uint8Array.of(0xab) }, `0100${ID}0003000003e8ab`],
  [{ type: "hello", answer: true }, "010101"],
  [{ type: "ihave", ids: [id, messageId(peerId("b"), 0, 0)] }, `01020002${ID}0162${"00".repeat(12)}`],
  [{ type: "graft", ids: [id] }, `01030001${ID}`],
  [{ type: "prune", ids: [id] }, `01040001${ID}`],
  [{ type: "seen", ids: [id] }, `01050001${ID}`],
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
    ["another version", "020101"],
    ["another type", "0106"],
    ["a flag that is none", "010102"],
    ["no ids", "01020000"],
    ["too many ids", "01020101"],
    ["an origin that is none", `01030001012f${"00".repeat(12)}`],
    ["an origin that is not ASCII", `0103000101e9${"00".repeat(12)}`],
    ["no hop", `0100${ID}0000000003e8ab`],
    ["too long a payload", `0100${ID}0001000003e8${"00".repeat(PAYLOAD_BYTES_MAX + 1)}`],
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
