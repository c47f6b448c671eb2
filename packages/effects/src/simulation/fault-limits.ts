/**
 * Which faults a smaller run may have: those that its scenario could have drawn. Else it would fail, but prove nothing.
 */
import type { Fault } from "./fault.ts";
import { wholeBudget } from "./fault-plan.ts";
import type { FailedRun, FaultBudget } from "./scenario.ts";

/**
 * When faults may begin and end, how long they may last, and how many nodes they may take down at once: as a budget says,
 * or as the run has it that is to be made smaller, whichever allows more.
 */
export class FaultLimits {
  readonly #fromMs: number;
  readonly #untilMs: number;
  readonly #lastMaxMs: number;
  readonly #downMax: number;

  constructor(budget: FaultBudget | undefined, nodes: readonly string[], faults: readonly Fault[]) {
    const whole = budget && wholeBudget(budget, nodes);
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

  /**
   * Whether a failing run keeps to them up to its failure: a fault without an end is one that would have ended after it.
   */
  allow({ plan: { faults }, failure }: FailedRun): boolean {
    const { atMs: failedMs } = failure;
    const inTime = faults.every((fault) => {
      const length = lengthOf(fault) === Infinity ? Math.max(0, failedMs - fault.atMs) : lengthOf(fault);
      const { atMs } = fault;
      return atMs >= this.#fromMs && length <= this.#lastMaxMs && atMs + length <= this.#untilMs;
    });
    return inTime && downAtOnce(faults.filter(({ atMs }) => atMs <= failedMs)) <= this.#downMax;
  }
}

/** How long a fault lasts, in virtual milliseconds. */
function lengthOf(fault: Fault): number {
  return fault.kind === "clock-jump" || fault.kind === "bit-rot" ? 0 : (fault.forMs ?? Infinity);
}

/** How many nodes are down at once, at most. */
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
