import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareTimestamps,
  decodeTimestamp,
  decodeTimestamp16,
  encodeTimestamp,
  encodeTimestamp16,
  HLCTimestamp,
  HybridLogicalClock,
  HLCError,
  LOGICAL_MAX,
  parseTimestamp,
  PHYSICAL_MS_MAX,
} from "../src/index.ts";

const nodeId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,7}$/);
const near = <T>(arbitrary: fc.Arbitrary<T>, ...edges: T[]) => fc.oneof(arbitrary, fc.constantFrom(...edges));
const stamp = fc
  .tuple(near(fc.nat({ max: PHYSICAL_MS_MAX }), 0, 1, 255, 256, 2 ** 32, PHYSICAL_MS_MAX), near(fc.nat({ max: LOGICAL_MAX }), 0, 255, 256, LOGICAL_MAX), nodeId)
  .map(([physicalMs, logical, id]) => new HLCTimestamp(physicalMs, logical, id));

test("every form gives back every field, and all sort alike", () => {
  fc.assert(
    fc.property(stamp, stamp, (a, b) => {
      expect(decodeTimestamp(encodeTimestamp(a))).toEqual(a);
      expect(decodeTimestamp16(encodeTimestamp16(a))).toEqual(a);
      expect(parseTimestamp(String(a))).toEqual(a);
      const order = Math.sign(compareTimestamps(a, b));
      expect(Math.sign(Buffer.compare(encodeTimestamp(a), encodeTimestamp(b)))).toBe(order);
      expect(Math.sign(Buffer.compare(encodeTimestamp16(a), encodeTimestamp16(b)))).toBe(order);
      expect(a < b).toBe(order < 0);
      expect(Math.sign(compareTimestamps(b, a))).toBe(order === 0 ? 0 : -order);
    }),
    { numRuns: 500 },
  );
});

test("decoders throw their own error and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.string(), (bytes, text) => {
      for (const [decode, encode] of [
        [decodeTimestamp, encodeTimestamp],
        [decodeTimestamp16, encodeTimestamp16],
      ] as const) {
        const again = unlessRefused(() => encode(decode(bytes)));
        expect(again ?? bytes).toEqual(bytes);
      }
      expect(() => parseTimestamp(text)).toThrow(HLCError);
    }),
    { numRuns: 500 },
  );
});

/** What `make` makes, or nothing if it throws an error of this package. Any other error goes on. */
function unlessRefused<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof HLCError) return undefined;
    throw error;
  }
}

const NODES = 5;
const step = fc.record({
  node: fc.nat({ max: NODES - 1 }),
  action: fc.constantFrom("now" as const, "now" as const, "send" as const, "send" as const, "crash" as const),
  to: fc.nat({ max: NODES - 1 }),
  /** How the node's physical clock moves before it acts: on, not at all, back, far ahead. */
  jumpMs: fc.oneof(fc.nat({ max: 20 }), fc.constant(0), fc.integer({ min: -500, max: 0 }), fc.integer({ min: 0, max: 5000 })),
});

/**
 * Nodes with clocks that jump, freeze and go back, that send to each other, and crash losing all but the reserved
 * bound. A refused stamp is no event. Causal order must show in the stamps, and no stamp may repeat.
 */
test("happened-before implies less-than, over crashes, and no stamp repeats", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const wall = Array.from({ length: NODES }, (_, index) => 10_000 + index * 100);
      const durable: number[] = [];
      const boot = (node: number): HybridLogicalClock =>
        new HybridLogicalClock(`n${node}`, {
          wallMs: () => wall[node]!,
          maxRemoteDriftMs: 300,
          maxAheadMs: 400,
          reserveWindowMs: 50,
          reserve: (upToMs) => {
            durable[node] = upToMs;
          },
          ...(durable[node] === undefined ? {} : { restoredUpToMs: durable[node] }),
        });
      const clocks = wall.map((_, node) => boot(node));
      const last: (HLCTimestamp | undefined)[] = [];
      const seen = new Set<string>();
      const happened = (node: number, at: HLCTimestamp, cause?: HLCTimestamp): void => {
        const causes = [last[node], cause].filter((before) => before !== undefined);
        expect(causes.every((before) => compareTimestamps(before, at) < 0)).toBe(true);
        expect(at.physicalMs - wall[node]!).toBeLessThanOrEqual(400);
        expect(seen.has(String(at))).toBe(false);
        seen.add(String(at));
        last[node] = at;
      };
      for (const { node, action, to, jumpMs } of steps) {
        wall[node] = Math.max(0, wall[node]! + jumpMs);
        if (action === "crash") {
          clocks[node] = boot(node);
          continue;
        }
        const sent = unlessRefused(() => clocks[node]!.now());
        if (!sent) continue;
        happened(node, sent);
        if (action !== "send" || to === node) continue;
        const received = unlessRefused(() => clocks[to]!.update(sent));
        if (received) happened(to, received, sent);
      }
    }),
    { numRuns: 1000 },
  );
});
