/**
 * Limits on the faults of a smaller run: it may have only faults that its scenario could have drawn. Other faults would
 * make it fail without proving anything.
 */
import type { Fault } from "../world/fault.ts";
import type { WholeBudget } from "../scenario/fault-plan.ts";

/**
 * Limits on the beginning, end and length of faults, and on the number of nodes down at once. Each limit is that of the
 * budget or that of the original run, whichever allows more.
 */
export class FaultLimits {
  readonly #fromMs: number;
  readonly #untilMs: number;
  readonly #lastMaxMs: number;
  readonly #downMax: number;

  constructor(whole: WholeBudget | undefined, faults: readonly Fault[]) {
    let [fromMs, untilMs, lastMaxMs] = [whole?.fromMs ?? 0, whole?.untilMs ?? 0, whole?.lastMs[1] ?? 0];
    for (const fault of faults) {
      fromMs = Math.min(fromMs, fault.atMs);
      untilMs = Math.max(untilMs, fault.atMs + lengthOf(fault));
      lastMaxMs = Math.max(lastMaxMs, lengthOf(fault));
    }
    this.#fromMs = fromMs;
    this.#untilMs = untilMs;
    this.#lastMaxMs = lastMaxMs;
    this.#downMax = Math.max(whole?.downMax ?? 0, downAtOnce(faults));
  }

  /** Returns true if the faults stay within the limits. */
  allow(faults: readonly Fault[]): boolean {
    return faults.every((fault) => this.#allows(fault)) && downAtOnce(faults) <= this.#downMax;
  }

  /** Returns the same fault with the longest allowed duration. */
  longest({ ...fault }: Fault): Fault {
    if (fault.kind === "clock-jump" || fault.kind === "bit-rot") return fault;
    const longestMs = Math.min(this.#lastMaxMs, this.#untilMs - fault.atMs);
    if (longestMs === Infinity) delete fault.forMs;
    else fault.forMs = longestMs;
    return fault;
  }

  #allows(fault: Fault): boolean {
    const lengthMs = lengthOf(fault);
    return fault.atMs >= this.#fromMs && lengthMs <= this.#lastMaxMs && fault.atMs + lengthMs <= this.#untilMs;
  }
}

/** Returns the length of a fault, in virtual milliseconds. */
function lengthOf(fault: Fault): number {
  return fault.kind === "clock-jump" || fault.kind === "bit-rot" ? 0 : (fault.forMs ?? Infinity);
}

/** Returns the largest number of nodes that are down at once. */
function downAtOnce(faults: readonly Fault[]): number {
  const down = faults.flatMap((fault) => {
    const { kind, atMs } = fault;
    if (kind !== "crash" && kind !== "pause" && kind !== "disk-full") return [];
    return [{ node: fault.node, fromMs: atMs, toMs: atMs + lengthOf(fault) }];
  });
  const beside = ({ fromMs }: { readonly fromMs: number }): number =>
    new Set(down.filter((one) => one.fromMs <= fromMs && fromMs <= one.toMs).map(({ node }) => node)).size;
  return down.reduce((most, one) => Math.max(most, beside(one)), 0);
}
