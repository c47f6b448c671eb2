/** Laws of delivery under random faults: no creation, no duplicate, and each message or its gap. */
import { Simulation } from "@void-system/simulation";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PlumtreeNode } from "../src/index.ts";

const NAMES = ["n0", "n1", "n2", "n3", "n4"];
/** Time for which faults happen, and time after them, which is longer than `gapMs`. */
const FAULTY_MS = 4_000;
const QUIET_MS = 30_000;

const fault = fc.record({
  atMs: fc.integer({ min: 0, max: FAULTY_MS }),
  kind: fc.constantFrom("partition", "heal", "cut", "mend"),
  one: fc.integer({ min: 0, max: 4 }),
  other: fc.integer({ min: 0, max: 4 }),
});
const plan = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  faults: fc.array(fault, { maxLength: 8 }),
  /** Messages of a burst, from which node, and when. */
  bursts: fc.array(fc.record({ atMs: fc.integer({ min: 0, max: FAULTY_MS }), from: fc.integer({ min: 0, max: 4 }), count: fc.integer({ min: 1, max: 40 }) }), {
    minLength: 1,
    maxLength: 8,
  }),
  ordered: fc.boolean(),
  /** Room for few messages, or for all. */
  cacheBytes: fc.constantFrom(2_000, 1_000_000),
  /** A ring, or links between all nodes. */
  reach: fc.constantFrom(1, 2),
  /** Links that are full again and again, or never. */
  linkFramesMax: fc.constantFrom(8, 4_096),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

/** Runs a plan. Returns the counters that were broadcast, by origin, and those delivered and reported, by receiver and origin. */
function run({ seed, faults, bursts, ordered, cacheBytes, reach, linkFramesMax }: Plan) {
  const peersOf = (name: string): string[] => [1, 2].slice(0, reach).map((step) => NAMES[(NAMES.indexOf(name) + step) % 5]!);
  const simulation = new Simulation({ seed, network: { linkFramesMax, linked: peersOf } });
  const sent = new Map<string, number>();
  const delivered = new Map<string, number[]>();
  const reported = new Map<string, number[]>();
  const add = (to: Map<string, number[]>, key: string, counter: number): void => void to.set(key, [...(to.get(key) ?? []), counter]);
  const nodes = new Map<string, PlumtreeNode>();
  for (const name of NAMES) {
    simulation.node(name, (world) => {
      const node = new PlumtreeNode(name, { world, ordered, cacheBytes });
      nodes.set(name, node);
      for (const peer of peersOf(name)) node.addPeer(peer);
      node.subscribe((event) => {
        const key = `${name} of ${event.origin}`;
        if (event.type === "message") add(delivered, key, Number(event.id.split("/")[2]));
        else for (let counter = event.from ?? 1; counter <= event.to; counter += 1) add(reported, key, counter);
      });
    });
    simulation.start(name);
  }
  simulation.run({ forMs: 500 });
  for (const { atMs, kind, one, other } of faults)
    simulation.at(500 + atMs, () => {
      if (kind === "partition") simulation.partition([NAMES.slice(0, one)]);
      else if (kind === "heal") simulation.heal();
      else if (one !== other) simulation[kind](NAMES[one]!, NAMES[other]!);
    });
  for (const { atMs, from, count } of bursts)
    simulation.at(500 + atMs, () => {
      for (let index = 0; index < count; index += 1) nodes.get(NAMES[from]!)?.broadcast(index);
      sent.set(NAMES[from]!, (sent.get(NAMES[from]!) ?? 0) + count);
    });
  simulation.at(501 + FAULTY_MS, () => simulation.heal());
  simulation.run({ forMs: FAULTY_MS + QUIET_MS });
  return { sent, delivered, reported };
}

test("each message is delivered once or is part of a gap, in order if ordered, and nothing else is delivered", () => {
  fc.assert(
    fc.property(plan, (given) => {
      const { sent, delivered, reported } = run(given);
      for (const name of NAMES)
        for (const origin of NAMES) {
          const key = `${name} of ${origin}`;
          const got = delivered.get(key) ?? [];
          const gone = reported.get(key) ?? [];
          const all = Array.from({ length: name === origin ? 0 : (sent.get(origin) ?? 0) }, (_, index) => index + 1);
          expect([...got, ...gone].sort((one, other) => one - other), key).toEqual(all);
          if (given.ordered) expect(got, key).toEqual(got.toSorted((one, other) => one - other));
        }
    }),
    { numRuns: 40 },
  );
});
