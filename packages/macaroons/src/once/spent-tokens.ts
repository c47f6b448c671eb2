import { requirePositive } from "../options.ts";
import { ExpiryQueue } from "./expiry-queue.ts";

/** Tokens that one store in memory remembers at once, at most. */
export const SPENT_TOKENS_MAX = 100_000;

/**
 * Remembers which `once` tokens were used. All arguments come from verified tokens and the verifier's clock. A store for
 * several processes must decide each claim atomically: an insert under a unique key, or a compare-and-set.
 */
export interface SpentTokens {
  /**
   * Returns true for the first claim of a name, false for every other and when the store cannot decide. The store may
   * forget the name at `expiresAtMs`, since no copy is valid from then on.
   */
  claim(name: string, expiresAtMs: number, nowMs: number): boolean | Promise<boolean>;
}

/** A store that can also hold a token for a while, until its use is sure. */
export interface LeasedSpentTokens extends SpentTokens {
  /**
   * Returns a fence, a number above that of every reservation of this name before; or false where `claim` would. Until
   * `leaseUntilMs` nobody else gets the token. After that another may, and the fence before is void.
   */
  reserve(name: string, expiresAtMs: number, nowMs: number, leaseUntilMs: number): number | false | Promise<number | false>;
  /** Uses the token up. Returns false if another reservation or claim came after this fence. */
  commit(name: string, fence: number): boolean | Promise<boolean>;
  /** Gives the token back unused, if the fence still holds. */
  abort(name: string, fence: number): void | Promise<void>;
}

interface Entry {
  expiresAtMs: number;
  fence: number;
  /** Time from which another may reserve the token. Infinite when it is used up. */
  heldUntilMs: number;
}

/**
 * Remembers in this process, until it ends. Forgets what has expired, by the clock of its callers. When it is full it
 * refuses: forgetting anything else would let a token be used again.
 *
 * @example
 * ```ts
 * import { SpentTokensInMemory } from "@void-system/macaroons";
 * const spent = new SpentTokensInMemory();
 * spent.claim("a", 2000, 1000); // => true
 * spent.claim("a", 2000, 1001); // => false
 * ```
 */
export class SpentTokensInMemory implements LeasedSpentTokens {
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new ExpiryQueue();
  readonly #max: number;
  /** Latest end that was forgotten. */
  #forgottenMs = Number.NEGATIVE_INFINITY;
  #lastFence = 0;

  /**
   * @param max - Tokens that it remembers at once.
   * @throws {@link OptionError} for a number that is not above 0.
   */
  constructor(max: number = SPENT_TOKENS_MAX) {
    requirePositive("SpentTokensInMemory", "a number of tokens", max);
    this.#max = max;
  }

  /** Tokens that it remembers now. */
  get size(): number {
    return this.#entries.size;
  }

  claim(name: string, expiresAtMs: number, nowMs: number): boolean {
    return this.reserve(name, expiresAtMs, nowMs, Number.POSITIVE_INFINITY) !== false;
  }

  reserve(name: string, expiresAtMs: number, nowMs: number, leaseUntilMs: number): number | false {
    this.#forget(nowMs);
    // A clock that went back: this name may be among those forgotten.
    if (!(expiresAtMs > this.#forgottenMs)) return false;
    const entry = this.#entries.get(name);
    if (entry === undefined ? this.#entries.size >= this.#max : entry.heldUntilMs > nowMs) return false;
    const fence = (this.#lastFence += 1);
    if (entry === undefined) {
      this.#entries.set(name, { expiresAtMs, fence, heldUntilMs: leaseUntilMs });
      this.#queue.push(name, expiresAtMs);
    } else {
      entry.expiresAtMs = Math.max(entry.expiresAtMs, expiresAtMs);
      entry.fence = fence;
      entry.heldUntilMs = leaseUntilMs;
    }
    return fence;
  }

  commit(name: string, fence: number): boolean {
    const entry = this.#entries.get(name);
    if (entry?.fence !== fence) return false;
    entry.heldUntilMs = Number.POSITIVE_INFINITY;
    return true;
  }

  abort(name: string, fence: number): void {
    const entry = this.#entries.get(name);
    if (entry?.fence === fence && entry.heldUntilMs !== Number.POSITIVE_INFINITY) entry.heldUntilMs = Number.NEGATIVE_INFINITY;
  }

  #forget(nowMs: number): void {
    for (let name = this.#queue.popUntil(nowMs); name !== undefined; name = this.#queue.popUntil(nowMs)) {
      const entry = this.#entries.get(name);
      if (entry === undefined) continue;
      if (entry.expiresAtMs > nowMs) {
        this.#queue.push(name, entry.expiresAtMs);
        continue;
      }
      this.#forgottenMs = Math.max(this.#forgottenMs, entry.expiresAtMs);
      this.#entries.delete(name);
    }
  }
}
