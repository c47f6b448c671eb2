/**
 * The clocks of one node, driven by the crystal of its machine. They may be skewed, too fast, too slow, set or frozen.
 */

/** A node's wall clock and its rate. */
export class NodeClock {
  #skewUs: number;
  /** Local and global time at the last change of rate. */
  #localUs = 0;
  #sinceUs = 0;
  #driftPpm: number;
  #rate: number;
  #frozenUs: number | undefined;

  constructor(skewUs: number, driftPpm: number) {
    this.#skewUs = skewUs;
    this.#driftPpm = driftPpm;
    this.#rate = (1e6 + driftPpm) / 1e6;
  }

  /** Local microseconds that pass in one microsecond. */
  get rate(): number {
    return this.#rate;
  }

  /** Returns the local microseconds since the simulation began. */
  localUs(nowUs: number): number {
    return this.#localUs + (nowUs - this.#sinceUs) * this.#rate;
  }

  /** Returns the wall clock in microseconds since the simulation began. */
  wallUs(nowUs: number): number {
    return this.#frozenUs ?? this.#skewUs + this.localUs(nowUs);
  }

  /** Sets the wall clock forward, or back. */
  jump(byUs: number): void {
    this.#skewUs += byUs;
    if (this.#frozenUs !== undefined) this.#frozenUs += byUs;
  }

  /** Sets the drift and returns the previous one. */
  drift(driftPpm: number, nowUs: number): number {
    const before = this.#driftPpm;
    this.#localUs = this.localUs(nowUs);
    this.#sinceUs = nowUs;
    this.#driftPpm = driftPpm;
    this.#rate = (1e6 + driftPpm) / 1e6;
    return before;
  }

  /** Freezes the wall clock, or thaws it: it is then right again. */
  freeze(isFrozen: boolean, nowUs: number): void {
    this.#frozenUs = isFrozen ? this.wallUs(nowUs) : undefined;
  }
}
