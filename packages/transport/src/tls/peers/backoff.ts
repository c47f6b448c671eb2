/** Pauses between the attempts to dial a peer: each is twice as long as the one before, up to a longest one. */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  #pauseMs: number;

  constructor(minMs: number, maxMs: number) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#pauseMs = minMs;
  }

  /**
   * Returns the next pause in milliseconds, less up to half of it by chance, so that many peers do not dial at once.
   *
   * @param chance a number in [0, 1)
   */
  next(chance: number): number {
    const pauseMs = this.#pauseMs * (0.5 + chance / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#maxMs);
    return Math.ceil(pauseMs);
  }

  /** Makes the next pause the shortest one. */
  reset(): void {
    this.#pauseMs = this.#minMs;
  }
}
