/** Instances that are remembered of one peer. */
const FORMER_MAX = 8;

/**
 * Distinguishes a peer that was restarted from two processes with one key, by the instances in their hellos. A restarted peer
 * replaces its old connection, which is dead even if this node does not know it yet. A process that comes back after another one
 * has replaced it was not dead, so both run.
 */
export class Twins {
  /** Instances whose connection was replaced by that of another one. */
  readonly #former = new Set<string>();
  #isReported = false;

  /** Notes that a connection of the first instance was replaced by one of the second. */
  replaced(before: string | undefined, now: string | undefined): void {
    if (before === undefined || before === now) return;
    this.#former.add(before);
    const [oldest] = this.#former;
    if (this.#former.size > FORMER_MAX && oldest !== undefined) this.#former.delete(oldest);
  }

  /** Returns true for an instance that was replaced by another one, and has come back. */
  isBack(instance: string | undefined): boolean {
    return instance !== undefined && this.#former.has(instance);
  }

  /** Returns true the first time. */
  isNews(): boolean {
    const isNews = !this.#isReported;
    this.#isReported = true;
    return isNews;
  }

  /** Called when the link comes up with no other connection of the peer beside it: there is only one process now. */
  forget(): void {
    this.#former.clear();
    this.#isReported = false;
  }
}
