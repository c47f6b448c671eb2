import fc from "fast-check";
import { peerId } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { type Command, type Result, decodeResults, encodeCommands } from "../../src/store/command.ts";
import { KeyValueMachine } from "../../src/store/key-value-machine.ts";
import { command, text } from "../support/commands.ts";
import { sha256 } from "../support/node.ts";

const client = peerId("client");

/** What Redis would do, on a Map. */
function naive(store: Map<string, Uint8Array>, asked: Command): Result {
  const found = (k: string): Result => (store.has(k) ? { type: "value", value: store.get(k)! } : { type: "nil" });
  switch (asked.op) {
    case "get":
      return found(asked.key);
    case "mget":
      return { type: "values", values: asked.keys.map((k) => store.get(k)) };
    case "exists":
      return { type: "integer", value: BigInt(asked.keys.filter((k) => store.has(k)).length) };
    case "del":
      return { type: "integer", value: BigInt(asked.keys.filter((k) => store.delete(k)).length) };
    case "mset":
      for (const [k, v] of asked.entries) store.set(k, v);
      return { type: "ok" };
    case "set": {
      const old = found(asked.key);
      const takesPlace = asked.when === "always" || (asked.when === "present") === store.has(asked.key);
      if (takesPlace) store.set(asked.key, asked.value);
      return asked.returnOld ? old : takesPlace ? { type: "ok" } : { type: "nil" };
    }
    case "incr": {
      const old = new TextDecoder("latin1").decode(store.get(asked.key) ?? text("0"));
      if (!/^(0|-?[1-9]\d{0,18})$/.test(old) || BigInt.asIntN(64, BigInt(old)) !== BigInt(old)) {
        return { type: "error", message: "ERR value is not an integer or out of range" };
      }
      const sum = BigInt(old) + asked.by;
      if (BigInt.asIntN(64, sum) !== sum) return { type: "error", message: "ERR increment or decrement would overflow" };
      store.set(asked.key, text(String(sum)));
      return { type: "integer", value: sum };
    }
  }
}

function agreed(sequence: number, physicalMs = 1_000_000 + Math.floor(sequence / 3)) {
  return { sequence, time: { physicalMs, logical: sequence % 3, nodeId: "node0" }, random: new Uint8Array(32) };
}

describe("KeyValueMachine", () => {
  test("does what Redis does; replicas that apply the same have the same root, and one restored goes on alike", () => {
    fc.assert(
      fc.property(fc.array(fc.array(command, { minLength: 1, maxLength: 6 }), { maxLength: 20 }), fc.nat(19), (bundles, cut) => {
        const store = new Map<string, Uint8Array>();
        const one = new KeyValueMachine(sha256, "test");
        let other = new KeyValueMachine(sha256, "test");
        bundles.forEach((bundle, index) => {
          const operation = encodeCommands(bundle);
          const [result] = one.apply([{ client, operation }], agreed(index));
          expect(decodeResults(result!)).toEqual(bundle.map((asked) => naive(store, asked)));
          other.apply([{ client, operation }], agreed(index));
          if (index === cut) {
            const snapshot = other.snapshot();
            const restored = new KeyValueMachine(sha256, "test");
            restored.restore(Array.from({ length: snapshot.chunks }, (_, chunk) => snapshot.chunk(chunk)));
            snapshot.release();
            other = restored;
          }
          expect(other.root()).toEqual(one.root());
        });
      }),
      { numRuns: 200 },
    );
  });

  test("a bundle whose results do not fit is executed in part, and the rest not at all", () => {
    const machine = new KeyValueMachine(sha256, "test");
    const big = new Uint8Array(500_000);
    const put = (k: string): Command => ({ op: "set", key: k, value: big, when: "always", returnOld: false });
    machine.apply([{ client, operation: encodeCommands([put("a")]) }, { client, operation: encodeCommands([put("b")]) }], agreed(1));
    const operation = encodeCommands([{ op: "get", key: "a" }, { op: "get", key: "b" }, { op: "incr", key: "n", by: 1n }]);
    const [result] = machine.apply([{ client, operation }], agreed(2));
    expect(decodeResults(result!)?.length).toBe(1);
    expect(machine.peek("n")).toBeUndefined();
  });

  test("a value that only looks like an integer is none", () => {
    const machine = new KeyValueMachine(sha256, "test");
    for (const value of ["", " 1", "1 ", "+1", "01", "-0", "1.0", "1e3", "\ufeff1", "٣", "9223372036854775808"]) {
      const bundle: Command[] = [{ op: "set", key: "n", value: text(value), when: "always", returnOld: false }, { op: "incr", key: "n", by: 1n }];
      const [result] = machine.apply([{ client, operation: encodeCommands(bundle) }], agreed(1));
      expect([value, decodeResults(result!)?.[1]?.type]).toEqual([value, "error"]);
    }
  });

  test("the places of keys are those of the cluster, and a state of another cluster is refused by name", () => {
    const operation = encodeCommands(Array.from({ length: 100 }, (_, index): Command => ({ op: "set", key: `key ${index}`, value: text("value"), when: "always", returnOld: false })));
    const made = (cluster: string) => {
      const machine = new KeyValueMachine(sha256, cluster);
      machine.apply([{ client, operation }], agreed(1));
      return machine;
    };
    const chunks = (machine: KeyValueMachine) => {
      const snapshot = machine.snapshot();
      return Array.from({ length: snapshot.chunks }, (_, chunk) => snapshot.chunk(chunk));
    };
    const [one, other] = [made("one"), made("other")];
    // Hash key of the header: the first 16 bytes of SHA-256 of "void store hash key one".
    expect(Buffer.from(chunks(one)[0]!.subarray(4, 20)).toString("hex")).toBe(Buffer.from(sha256(text("void store hash key one")).subarray(0, 16)).toString("hex"));
    expect(one.root()).not.toEqual(other.root());
    const before = other.root();
    expect(() => other.restore(chunks(one))).toThrow("the hash key is another");
    expect(other.root()).toEqual(before);
    const again = new KeyValueMachine(sha256, "one");
    again.restore(chunks(one));
    expect(again.root()).toEqual(one.root());
  });

  test("bytes that are no bundle change nothing and say so", () => {
    const machine = new KeyValueMachine(sha256, "test");
    const before = machine.root();
    const [result] = machine.apply([{ client, operation: text("nonsense") }], agreed(1));
    expect(decodeResults(result!)).toEqual([{ type: "error", message: "ERR these bytes are no bundle of commands" }]);
    expect(machine.root()).toEqual(before);
  });
});
