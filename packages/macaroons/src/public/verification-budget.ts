import { OptionError } from "../errors.ts";
import { refuseUnknown } from "../options.ts";

/** Options of {@link VerificationBudget}. */
export interface VerificationBudgetOptions {
  /** Signatures that the budget regains in a second. */
  readonly perSecond: number;
  /** Signatures that it holds at most, and at the beginning. */
  readonly most: number;
}

/**
 * Bounds the signatures that one connection, or one address, can make a verifier check: public tokens come from anybody, and
 * a block costs 62 µs. Keep one per connection and one per address, and present both. A token that costs more than one of
 * them has left is refused before any signature is checked, and costs nothing.
 *
 * @example
 * ```ts
 * import { VerificationBudget } from "@void-system/macaroons";
 * const budget = new VerificationBudget({ perSecond: 10, most: 4 });
 * VerificationBudget.take([budget], 3, 0); // => true
 * VerificationBudget.take([budget], 3, 0); // => false
 * VerificationBudget.take([budget], 3, 200); // => true
 * ```
 */
export class VerificationBudget {
  readonly #perMs: number;
  readonly #most: number;
  #left: number;
  #atMs = Number.NEGATIVE_INFINITY;

  /** @throws {@link OptionError} for numbers that are not above 0. */
  constructor(options: VerificationBudgetOptions) {
    refuseUnknown("VerificationBudget", options, ["perSecond", "most"]);
    const { perSecond, most } = options;
    for (const value of [perSecond, most]) {
      if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new OptionError("VerificationBudget", "perSecond and most above 0", String(value));
    }
    this.#perMs = perSecond / 1000;
    this.#most = most;
    this.#left = most;
  }

  /**
   * Takes signatures out of all budgets, or out of none: returns false if one has too few.
   *
   * @param nowMs - a clock in milliseconds. One that goes back regains nothing.
   */
  static take(budgets: readonly VerificationBudget[], signatures: number, nowMs: number): boolean {
    for (const budget of budgets) budget.#regain(nowMs);
    const isEnough = budgets.every((budget) => budget.#left >= signatures);
    if (isEnough) for (const budget of budgets) budget.#left -= signatures;
    return isEnough;
  }

  #regain(nowMs: number): void {
    if (!(nowMs > this.#atMs)) return;
    if (this.#atMs !== Number.NEGATIVE_INFINITY) this.#left = Math.min(this.#most, this.#left + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
  }
}
