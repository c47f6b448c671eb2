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

  describe("a state that is full", () => {
    const MAX = 10_000;
    const set = (key: string, bytes: number, more: Partial<Extract<Command, { op: "set" }>> = {}): Command => ({ op: "set", key, value: new Uint8Array(bytes), when: "always", returnOld: false, ...more });
    function filled(): KeyValueMachine {
      const machine = new KeyValueMachine(sha256, "test", MAX);
      run(machine, ...Array.from({ length: 20 }, (_, index) => set(`key${index}`, 400)));
      expect(machine.stats().liveBytes).toBeLessThanOrEqual(MAX);
      return machine;
    }
    let sequence = 0;
    const run = (machine: KeyValueMachine, ...commands: Command[]): readonly Result[] =>
      decodeResults(machine.apply([{ client, operation: encodeCommands(commands) }], agreed(++sequence))[0]!)!;
    const types = (results: readonly Result[]): readonly string[] => results.map((result) => (result.type === "error" ? result.message.slice(0, 3) : result.type));

    test("takes no write that makes it grow, and every other command", () => {
      const machine = filled();
      const before = machine.root();
      const grows = [set("new", 1_000), set("key1", 1_400), set("key1", 1_400, { when: "present", returnOld: true }), set("new", 1_000, { when: "absent", returnOld: true })];
      expect(types(run(machine, ...grows))).toEqual(["OOM", "OOM", "OOM", "OOM"]);
      expect(types(run(machine, { op: "mset", entries: [["new", new Uint8Array(1)], ["other", new Uint8Array(1_000)]] }))).toEqual(["OOM"]);
      expect(machine.root()).toEqual(before);
      expect(types(run(machine, set("key1", 400), set("key2", 10), set("none", 1_000, { when: "present" }), { op: "get", key: "key3" }))).toEqual(["ok", "ok", "nil", "value"]);
      expect(types(run(machine, { op: "mset", entries: [["key4", new Uint8Array(400)], ["key5", new Uint8Array(1)]] }))).toEqual(["ok"]);
    });

    test("takes writes again after deletes, whatever its history holds", () => {
      const machine = filled();
      expect(types(run(machine, set("new", 1_000), { op: "del", keys: ["key0", "key1", "key2"] }, set("new", 1_000)))).toEqual(["OOM", "integer", "ok"]);
      expect(machine.stats().bytes).toBeGreaterThan(MAX);
    });

    test("counts up no further than it has room", () => {
      const machine = new KeyValueMachine(sha256, "test", MAX);
      const room = (): number => MAX - machine.stats().liveBytes;
      run(machine, set("n", 1, { value: text("9") }), set("rest", 9_700));
      run(machine, set("rest", 9_700 + room()));
      expect(room()).toBe(0);
      expect(types(run(machine, { op: "incr", key: "n", by: 1n }, { op: "incr", key: "n", by: -1n }))).toEqual(["OOM", "integer"]);
    });

    test("is the same for a replica that was restored, which has no history", () => {
      fc.assert(
        fc.property(fc.array(fc.array(command, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 20 }), fc.nat(19), fc.integer({ min: 100, max: 900 }), (bundles, cut, max) => {
          const one = new KeyValueMachine(sha256, "test", max);
          let other = new KeyValueMachine(sha256, "test", max);
          bundles.forEach((bundle, index) => {
            const operation = encodeCommands(bundle);
            expect(other.apply([{ client, operation }], agreed(index))).toEqual(one.apply([{ client, operation }], agreed(index)));
            expect(other.stats().liveBytes).toBe(one.stats().liveBytes);
            if (index !== cut) return;
            const snapshot = other.snapshot();
            other = new KeyValueMachine(sha256, "test", max);
            other.restore(Array.from({ length: snapshot.chunks }, (_, chunk) => snapshot.chunk(chunk)));
            snapshot.release();
          });
        }),
        { numRuns: 200 },
      );
    });
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
