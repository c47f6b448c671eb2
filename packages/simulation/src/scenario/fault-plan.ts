/**
 * Draws the faults of a run within a budget that keeps the system repairable.
 */
import type { SeededRandom } from "@void-system/effects";
import type { Fault, FaultKind } from "../world/fault.ts";
import type { FaultBudget, ScenarioParts } from "./scenario.ts";

const KINDS: readonly FaultKind[] = [
  "crash",
  "pause",
  "partition",
  "block",
  "clog",
  "flap",
  "clock-jump",
  "clock-rate",
  "clock-freeze",
  "disk-slow",
];
const CLOCK_JUMP_MS_MAX = 2_000;
const CLOCK_DRIFT_PPM_MAX = 5_000;
const DISK_SLOW_MS_MAX = 100;
const FLAP_MS_MAX = 200;
const BLOCK_LOSS_MAX = 0.5;
/** Latest end of a fault in a run of unknown length. */
const UNTIL_MS = 10_000;
/** Parts of a run of known length: mean time between faults, and their shortest and longest duration. */
const PART = { every: 10, least: 1_000, most: 5 } as const;
/** Shortest range of the first times and durations in a run of unknown length. */
const FIRST_MS = 20;

/** A budget with all its defaults. */
export interface WholeBudget extends Required<Omit<FaultBudget, "everyMs">> {
  /** Undefined in a run of unknown length: faults are dense at first and ever rarer, so a run of any length has some. */
  readonly everyMs: number | undefined;
}

/** Duration of a fault, for the budget. */
interface Interval {
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Draws a list of faults, in order of time. Each of them ends. Together with those of `begun`, they never take more
 * nodes down than allowed.
 */
export function drawFaults(
  budget: FaultBudget,
  nodes: readonly string[],
  random: SeededRandom,
  { begun = [], lengthMs }: { readonly begun?: readonly Fault[]; readonly lengthMs?: number | undefined } = {}
): readonly Fault[] {
  const whole = wholeBudget(budget, nodes, lengthMs);
  const { kinds, nodes: victims, fromMs, untilMs: endMs } = whole;
  const [leastMs] = whole.lastMs;
  const draw = new Draw(whole, nodes, random);
  for (const fault of begun) draw.reserve(fault);
  const faults: Fault[] = [];
  if (kinds.length === 0 || victims.length === 0) return faults;
  for (let atMs = fromMs + firstGap(whole, random); ; atMs += nextGap(whole, atMs, random)) {
    const forMs = random.between(leastMs, longest(whole, budget, atMs));
    const kind = kinds[random.below(kinds.length)];
    const node = victims[random.below(victims.length)];
    if (atMs >= endMs || kind === undefined || node === undefined) return faults;
    const fault = draw.fault(kind, node, atMs, Math.min(forMs, endMs - atMs));
    if (fault) faults.push(fault);
  }
}

function firstGap({ everyMs }: WholeBudget, random: SeededRandom): number {
  return everyMs === undefined ? random.between(1, FIRST_MS) : random.between(0, 2 * everyMs);
}

function nextGap({ everyMs, fromMs }: WholeBudget, atMs: number, random: SeededRandom): number {
  return random.between(1, everyMs === undefined ? Math.max(FIRST_MS, Math.round(atMs - fromMs)) : Math.max(1, 2 * everyMs - 1));
}

/** Returns the longest duration of a fault. In a run of unknown length it is half of the time before the fault. */
function longest({ everyMs, fromMs, lastMs: [leastMs, mostMs] }: WholeBudget, { lastMs }: FaultBudget, atMs: number): number {
  if (everyMs !== undefined || lastMs) return mostMs;
  return Math.max(leastMs, Math.min(mostMs, Math.max(FIRST_MS, Math.round((atMs - fromMs) / 2))));
}

/** Returns the length of a run in virtual milliseconds, as far as its parts state it. */
export function lengthOf<A>({ until, liveness }: Pick<ScenarioParts<A>, "until" | "liveness">): number | undefined {
  return liveness?.atMs ?? (typeof until === "number" ? until : undefined);
}

/** Completes a budget with the defaults. `lengthMs` is the length of the run, if it is known. */
export function wholeBudget(budget: FaultBudget, nodes: readonly string[], lengthMs?: number): WholeBudget {
  const { fromMs = 0, everyMs } = budget;
  const endMs = budget.untilMs ?? lengthMs;
  const untilMs = endMs ?? UNTIL_MS;
  const spanMs = Math.max(1, untilMs - fromMs);
  const usuallyMs = everyMs ?? (endMs === undefined ? undefined : spanMs / PART.every);
  const leastMs = Math.max(1, Math.round(spanMs / PART.least));
  return {
    kinds: budget.kinds ?? KINDS,
    fromMs,
    untilMs,
    everyMs: usuallyMs === undefined ? undefined : Math.max(1, Math.round(usuallyMs)),
    lastMs: budget.lastMs ?? [leastMs, Math.max(leastMs, Math.round(spanMs / PART.most))],
    nodes: budget.nodes ?? nodes,
    downMax: budget.downMax ?? Math.max(1, Math.floor((nodes.length - 1) / 3)),
    rottenMax: budget.rottenMax ?? 1,
  };
}

class Draw {
  readonly #nodes: readonly string[];
  readonly #random: SeededRandom;
  readonly #downMax: number;
  readonly #rottenMax: number;
  readonly #down: Interval[] = [];
  readonly #rotten = new Set<string>();
  /** Active faults by kind and target. Two of them must not overlap, since the end of one would end the other. */
  readonly #lasting: Interval[] = [];

  constructor({ downMax, rottenMax }: WholeBudget, nodes: readonly string[], random: SeededRandom) {
    this.#nodes = nodes;
    this.#random = random;
    this.#downMax = downMax;
    this.#rottenMax = rottenMax;
  }

  /** Returns a fault of that kind, or undefined if the budget has no room for it. */
  fault(kind: FaultKind, node: string, atMs: number, forMs: number): Fault | undefined {
    const random = this.#random;
    const time = { atMs, forMs };
    switch (kind) {
      case "crash":
      case "pause":
      case "disk-full":
        return this.#takeDown(node, atMs, forMs) ? { kind, ...time, node } : undefined;
      case "partition":
        return this.#nodes.length > 1 && this.#take(kind, atMs, forMs) ? { kind, ...time, groups: this.#groups() } : undefined;
      case "clock-jump":
        return { kind, atMs, node, byMs: this.#either(random.between(1, CLOCK_JUMP_MS_MAX)) };
      case "clock-rate":
        if (!this.#take(`${kind} ${node}`, atMs, forMs)) return undefined;
        return { kind, ...time, node, driftPpm: this.#either(random.between(1, CLOCK_DRIFT_PPM_MAX)) };
      case "clock-freeze":
        return this.#take(`${kind} ${node}`, atMs, forMs) ? { kind, ...time, node } : undefined;
      case "disk-slow":
        if (!this.#take(`${kind} ${node}`, atMs, forMs)) return undefined;
        return { kind, ...time, node, byMs: random.between(1, DISK_SLOW_MS_MAX) };
      case "bit-rot":
        return this.#rot(node, atMs) ? { kind, atMs, node } : undefined;
      case "block":
      case "clog":
      case "link":
      case "flap":
        return this.#ofLink(kind, node, atMs, forMs);
    }
  }

  /** Counts a fault that has begun already. */
  reserve(fault: Fault): void {
    const forMs = "forMs" in fault && fault.forMs !== undefined ? fault.forMs : Infinity;
    switch (fault.kind) {
      case "crash":
      case "pause":
      case "disk-full":
        this.#takeDown(fault.node, fault.atMs, forMs);
        return;
      case "bit-rot":
        this.#rot(fault.node, fault.atMs);
        return;
      case "clock-jump":
        return;
      case "partition":
        this.#take(fault.kind, fault.atMs, forMs);
        return;
      case "clock-rate":
      case "clock-freeze":
      case "disk-slow":
        this.#take(`${fault.kind} ${fault.node}`, fault.atMs, forMs);
        return;
      case "flap":
        this.#take(`${fault.kind} ${fault.between.toSorted().join(" ")}`, fault.atMs, forMs);
        return;
      case "block":
      case "clog":
      case "link":
        this.#take(`${fault.kind} ${fault.from} ${fault.to}`, fault.atMs, forMs);
    }
  }

  #ofLink(kind: "block" | "clog" | "link" | "flap", from: string, atMs: number, forMs: number): Fault | undefined {
    const others = this.#nodes.filter((id) => id !== from);
    const to = others[this.#random.below(others.length)];
    if (to === undefined) return undefined;
    const ends = kind === "flap" ? [from, to].sort() : [from, to];
    if (!this.#take(`${kind} ${ends.join(" ")}`, atMs, forMs)) return undefined;
    const time = { atMs, forMs };
    if (kind === "flap") return { kind, ...time, between: [from, to], periodMs: this.#random.between(1, FLAP_MS_MAX) };
    if (kind !== "link") return { kind, ...time, from, to };
    const loss = (this.#random.between(1, 100) * BLOCK_LOSS_MAX) / 100;
    return { kind, ...time, from, to, conditions: { loss } };
  }

  #groups(): readonly (readonly string[])[] {
    const side = this.#nodes.filter(() => this.#random.chance(0.5));
    const [first = ""] = this.#nodes;
    return [side.length === 0 || side.length === this.#nodes.length ? [first] : side];
  }

  #either(value: number): number {
    return this.#random.chance(0.5) ? -value : value;
  }

  #take(what: string, fromMs: number, forMs: number): boolean {
    const wanted = { what, fromMs, toMs: fromMs + forMs };
    if (this.#lasting.some((one) => one.what === what && overlap(one, wanted))) return false;
    this.#lasting.push(wanted);
    return true;
  }

  #takeDown(node: string, fromMs: number, forMs: number): boolean {
    const wanted = { what: node, fromMs, toMs: fromMs + forMs };
    const beside = this.#down.filter((one) => overlap(one, wanted));
    if (beside.some(({ what, toMs }) => what === node && toMs !== Infinity)) return false;
    if (new Set([node, ...beside.map(({ what }) => what)]).size > this.#downMax) return false;
    this.#down.push(wanted);
    return true;
  }

  /** Counts a damaged disk. Its node may never come back, so it counts as down to the end of the run. */
  #rot(node: string, atMs: number): boolean {
    if (!this.#rotten.has(node) && this.#rotten.size >= this.#rottenMax) return false;
    if (!this.#rotten.has(node) && !this.#takeDown(node, atMs, Infinity)) return false;
    this.#rotten.add(node);
    return true;
  }
}

function overlap(one: Interval, other: Interval): boolean {
  return one.fromMs <= other.toMs && other.fromMs <= one.toMs;
}
