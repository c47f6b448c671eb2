import { readFileSync, writeFileSync } from "node:fs";
import { digest } from "@void-system/crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeManifest, encodeManifest } from "../../src/codec/manifest.ts";
import { messageCodec } from "../../src/codec/message-codec.ts";
import { recordCodec, type ReplicaRecord } from "../../src/codec/record.ts";
import { batch, cluster, committed, departure, everyMessage, manifest, newView, prepared, viewChange } from "../support/messages.ts";
import { hex } from "../support/cluster.ts";

const codec = messageCodec(cluster, digest);
const records = recordCodec(cluster, digest);
const frozen = new URL("./format.vectors.json", import.meta.url);

function everyRecord(): Record<string, ReplicaRecord> {
  const one = batch(1_001);
  const { sequence, digest: of, signature } = prepared(0, 1, one);
  return {
    birth: { type: "birth", configuration: cluster.record },
    accepted: { type: "accepted", view: 0, proposal: { sequence, digest: of, signature }, batch: one },
    batch: { type: "batch", sequence: 1, batch: one },
    prepared: { type: "prepared", certificate: prepared(0, 1, one) },
    committed: { type: "committed", certificate: committed(0, 1, one) },
    departure: { type: "departure", certificate: departure(0).certificate },
    evidence: {
      type: "evidence",
      contradiction: { sender: 2, kind: "commit", view: 3, sequence: 7, statements: [{ digest: of, signature }, { digest: cluster.digest, signature }] },
    },
    "view-change": { type: "view-change", message: viewChange(1, 1) },
    "new-view": { type: "new-view", message: newView(1, [viewChange(0, 1), viewChange(1, 1), viewChange(2, 1)]) },
  };
}

const encoded = (): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(everyMessage()).map(([kind, message]) => [`message ${kind}`, hex(codec.encode(message))]),
  ),
  ...Object.fromEntries(
    Object.entries(everyRecord()).map(([kind, record]) => [`record ${kind}`, hex(records.encode(record))]),
  ),
  manifest: hex(manifest),
});

describe("the format", () => {
  test("is frozen: these bytes are on disks and wires", () => {
    if (process.env["VOID_FREEZE"] !== undefined) writeFileSync(frozen, `${JSON.stringify(encoded(), null, 2)}\n`);
    expect(encoded()).toEqual(JSON.parse(readFileSync(frozen, "utf8")));
  });

  test.each(Object.entries(everyMessage()))("%s comes back as it went", (_, message) => {
    expect(codec.decode(codec.encode(message))).toEqual({ ok: true, value: message });
  });

  test.each(Object.entries(everyRecord()))("the record %s comes back as it went", (_, record) => {
    expect(records.decode(records.encode(record))).toEqual({ ok: true, value: record });
  });

  test("a manifest comes back as it went", () => {
    const decoded = decodeManifest(manifest);
    expect(decoded.ok && hex(encodeManifest(decoded.value))).toBe(hex(manifest));
  });

  test.each(Object.entries(everyMessage()))("%s cut short or with bytes left over is refused", (_, message) => {
    const bytes = codec.encode(message);
    for (let length = 0; length < bytes.length; length += Math.max(1, Math.floor(bytes.length / 200))) {
      expect(codec.decode(bytes.subarray(0, length)).ok).toBe(false);
    }
    expect(codec.decode(Uint8Array.of(...bytes, 0)).ok).toBe(false);
    expect(codec.decode(Uint8Array.of(1, ...bytes.subarray(1))).ok).toBe(false);
  });
});

describe("decoding hostile bytes", () => {
  const kinds = Object.values(everyMessage()).map((message) => codec.encode(message));

  test("never throws; what it takes, it would have written the same", () => {
    const property = fc.property(
      fc.nat(kinds.length - 1),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      (kind, changes) => {
        const bytes = Uint8Array.from(kinds[kind]!);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const decoded = codec.decode(bytes);
        return !decoded.ok || hex(codec.encode(decoded.value)) === hex(bytes);
      },
    );
    expect(fc.check(property, { numRuns: 2_000 })).toMatchObject({ failed: false });
  });

  test("never throws on anything", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, kind) => {
      codec.decode(Uint8Array.of(2, kind, 0, 0, 0, 0, ...bytes));
      records.decode(Uint8Array.of(2, kind % 10, ...bytes));
      decodeManifest(bytes);
    });
    expect(fc.check(property, { numRuns: 2_000 })).toMatchObject({ failed: false });
  });

  test("a count that promises more than there may be is refused before it is believed", () => {
    const slots = Uint8Array.of(2, 13, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff);
    expect(codec.decode(slots)).toMatchObject({ ok: false });
    const chunk = Uint8Array.of(2, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0xff, 0, 0, 0);
    expect(codec.decode(chunk)).toMatchObject({ ok: false });
  });
});
