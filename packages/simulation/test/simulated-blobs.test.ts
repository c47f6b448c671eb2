import { addressOfBlob, type BlobAddress, BlobDamagedError, BlobMissingError, type BlobStore, DiskPathError, type OpenedBlobs } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { Simulation } from "../src/index.ts";

const blob = (text: string): Uint8Array => new TextEncoder().encode(text);
const names = ["a", "b", "c", "d", "e", "f"];

/** A node that opens a blob store in each life. */
function node(simulation: Simulation, boot: (blobs: BlobStore, addresses: readonly BlobAddress[]) => void): void {
  simulation.node("a", ({ disk }) =>
    disk.openBlobs("parts", (opened: OpenedBlobs | Error) => {
      if (opened instanceof Error) throw opened;
      boot(opened.blobs, opened.addresses);
    }),
  );
  simulation.start("a");
}

describe("a simulated blob store", () => {
  test("keeps what was answered over a power cut, and any of what was under way", () => {
    const survivors = new Set<number>();
    for (let seed = 0; seed < 40; seed += 1) {
      const simulation = new Simulation({ seed });
      let answered = 0;
      let lives = 0;
      let found: readonly BlobAddress[] = [];
      node(simulation, (blobs, addresses) => {
        lives += 1;
        found = addresses;
        if (lives > 1) return;
        blobs.put(blob("answered"), () => {
          answered += 1;
          for (const name of names) blobs.put(blob(name), () => undefined);
          simulation.restart("a");
        });
      });
      simulation.run({ untilMs: 100 });
      expect(answered).toBe(1);
      expect(found).toContain(addressOfBlob(blob("answered")));
      expect(found.toSorted()).toEqual(found);
      survivors.add(found.length - 1);
    }
    expect(survivors.size).toBeGreaterThan(3);
  });

  test("without torn writes, nothing of what was under way survives", () => {
    const simulation = new Simulation({ seed: 1, disk: { tornWrites: false } });
    let lives = 0;
    node(simulation, (blobs, addresses) => {
      lives += 1;
      expect(addresses).toEqual([]);
      if (lives > 1) return;
      for (const name of names) blobs.put(blob(name), () => undefined);
      simulation.restart("a");
    });
    simulation.run({ untilMs: 100 });
    expect(lives).toBe(2);
  });

  test("puts and drops take effect in the order of the calls, whatever time each of them takes", () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const simulation = new Simulation({ seed });
      const order: string[] = [];
      let verdict: unknown;
      node(simulation, (blobs) => {
        const address = addressOfBlob(blob("x"));
        blobs.put(blob("x"), () => order.push("first"));
        blobs.drop([address], () => order.push("drop"));
        blobs.put(blob("x"), () => order.push("second"));
        blobs.drop([address], () => {
          order.push("last");
          blobs.get(address, (found) => (verdict = found));
        });
      });
      simulation.run({ untilMs: 100 });
      expect(order).toEqual(["first", "drop", "second", "last"]);
      expect(verdict).toBeInstanceOf(BlobMissingError);
    }
  });

  test("a rotten blob is reported, and mended by the next put", () => {
    const simulation = new Simulation({ seed: 1 });
    const seen: unknown[] = [];
    node(simulation, (blobs) => {
      blobs.put(blob("x"), (address) => {
        if (address instanceof Error) throw address;
        expect(simulation.rotDisk("a")).toBe(true);
        blobs.get(address, (rotten) => {
          seen.push(rotten);
          blobs.put(blob("x"), () => blobs.get(address, (mended) => seen.push(mended)));
        });
      });
    });
    simulation.run({ untilMs: 100 });
    expect(seen).toEqual([expect.any(BlobDamagedError), blob("x")]);
  });

  test("a rotten blob that no get has found is not mended by a put, which reads nothing on a real disk either", () => {
    const simulation = new Simulation({ seed: 1 });
    const seen: unknown[] = [];
    node(simulation, (blobs) => {
      blobs.put(blob("x"), (address) => {
        if (address instanceof Error) throw address;
        expect(simulation.rotDisk("a")).toBe(true);
        blobs.put(blob("x"), (stored) => {
          seen.push(stored);
          blobs.get(address, (rotten) => seen.push(rotten));
        });
      });
    });
    simulation.run({ untilMs: 100 });
    expect(seen).toEqual([addressOfBlob(blob("x")), expect.any(BlobDamagedError)]);
  });

  test("a full disk refuses puts, and has room for drops", () => {
    const simulation = new Simulation({ seed: 1 });
    const seen: unknown[] = [];
    node(simulation, (blobs) => {
      blobs.put(blob("x"), (address) => {
        if (address instanceof Error) throw address;
        simulation.fillDisk("a");
        blobs.put(blob("y"), (refused) => seen.push(refused));
        blobs.drop([address], (failure) => seen.push(failure));
        simulation.at(60, () => simulation.fillDisk("a", false));
      });
    });
    simulation.at(70, () => undefined);
    simulation.run({ untilMs: 100 });
    expect(seen).toEqual([expect.any(DiskPathError), undefined]);
  });

  test("bytes that change before their put is done are a finding", () => {
    const simulation = new Simulation({ seed: 1 });
    node(simulation, (blobs) => {
      const bytes = blob("x");
      blobs.put(bytes, () => undefined);
      bytes.fill(0);
    });
    expect(() => simulation.run({ untilMs: 100 })).toThrow(/a blob that does not change before its put is done/);
  });
});
