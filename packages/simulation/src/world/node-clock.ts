/**
 * The clocks of one node, by the crystal of its machine: skewed, too fast or too slow, set, or standing still.
 */

/** A node's wall clock and the pace of its time. */
export class NodeClock {
  #skewUs: number;
  /** Local time at the last change of pace, and when that was. */
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

  /** How much its time goes by in a microsecond. */
  get rate(): number {
    return this.#rate;
  }

  /** Microseconds since the simulation began, by its own pace. */
  localUs(nowUs: number): number {
    return this.#localUs + (nowUs - this.#sinceUs) * this.#rate;
  }

  /** What its wall clock shows, in microseconds since the simulation began. */
  wallUs(nowUs: number): number {
    return this.#frozenUs ?? this.#skewUs + this.localUs(nowUs);
  }

  /** Sets the wall clock forward, or back. */
  jump(byUs: number): void {
    this.#skewUs += byUs;
    if (this.#frozenUs !== undefined) this.#frozenUs += byUs;
  }

  /** Changes the pace; returns by how much it was wrong. */
  drift(driftPpm: number, nowUs: number): number {
    const before = this.#driftPpm;
    this.#localUs = this.localUs(nowUs);
    this.#sinceUs = nowUs;
    this.#driftPpm = driftPpm;
    this.#rate = (1e6 + driftPpm) / 1e6;
    return before;
  }

  /** Makes the wall clock stand still, or go on, right again. */
  freeze(isFrozen: boolean, nowUs: number): void {
    this.#frozenUs = isFrozen ? this.wallUs(nowUs) : undefined;
  }
}
