/**
 * Turns of the event loop, of which connections without a capability have a bounded share: pipelines of strangers must
 * not keep clients waiting.
 */

/** Commands of strangers, over all connections, that are answered in one turn of the event loop. */
export const STRANGER_COMMANDS_A_TURN = 128;
/** Commands that one of them has answered before the next stranger has its turn. */
export const STRANGER_COMMANDS_A_SLICE = 16;

/** Shares the turns out among strangers, in the order in which they asked. */
export class Turns {
  /** Calls of those that wait for a turn, the oldest first. */
  readonly #waiting = new Set<() => void>();
  #left = STRANGER_COMMANDS_A_TURN;
  #isScheduled = false;

  /** Takes one command's share of this turn. Returns false when nothing is left of it. */
  take(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    this.#schedule();
    return true;
  }

  /** Calls `work` once, in a later turn or later in this one, behind all that wait already. */
  wait(work: () => void): void {
    this.#waiting.add(work);
    this.#schedule();
  }

  /** Drops a call that waits. */
  forget(work: () => void): void {
    this.#waiting.delete(work);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#begin());
  }

  #begin(): void {
    this.#isScheduled = false;
    this.#left = STRANGER_COMMANDS_A_TURN;
    // Those that are not done join the end of the set, and come again in this turn if something is left of it.
    for (const work of this.#waiting) {
      if (this.#left === 0) return this.#schedule();
      this.#waiting.delete(work);
      work();
    }
  }
}
