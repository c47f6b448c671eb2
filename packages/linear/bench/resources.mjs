/**
 * Measures create + consume of a resource tracked by a context against a one-field flag object. Both sides keep the last 64
 * objects alive in a ring, so that the compiler can remove neither allocation.
 */
import { LinearContext, LinearResource, captureSites } from "../dist/index.js";
import { inTurn, row } from "./measure.mjs";

const TURNS = 1_000_000;
const RING = 64;

class Flag {
  constructor(value) {
    this.value = value;
    this.used = false;
  }
  take() {
    if (this.used) throw new Error("used");
    this.used = true;
    return this.value;
  }
}

export function resourceRows() {
  captureSites(false); // as under NODE_ENV=production
  const ring = Array.from({ length: RING }, () => undefined);
  const held = { bytes: 1 };
  const context = new LinearContext({ name: "bench" });
  const flagObjects = () => {
    let sum = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      const flag = new Flag(held);
      ring[turn & (RING - 1)] = flag;
      sum += flag.take().bytes;
    }
    return sum;
  };
  const trackedResources = () => {
    let sum = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      const resource = new LinearResource(held, { name: "db_conn", context });
      ring[turn & (RING - 1)] = resource;
      sum += resource.consume().bytes;
    }
    return sum;
  };
  const times = inTurn({ flag: { work: flagObjects, turns: TURNS }, tracked: { work: trackedResources, turns: TURNS } });
  context.close(); // throws if a single one is still listed
  const against = [{ name: "one-field flag object", version: process.version, kind: "floor", value: times.flag }];
  return [row("create + consume, tracked by a context", times.tracked, against, 0.4), heapRow(held)];
}

/** Measures the memory that a context still holds after a million resources were created and consumed. */
function heapRow(held) {
  const context = new LinearContext({ name: "bench" });
  const round = () => {
    for (let turn = 0; turn < TURNS; turn++) new LinearResource(held, { name: "db_conn", context }).consume();
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  round();
  const before = round();
  const grown = Math.max(1, round() - before);
  context.close();
  return { ...row("heap grown by 10^6 resources created + consumed in one context (1: none)", grown, [], 0), unit: "bytes" };
}
