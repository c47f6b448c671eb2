import type { SimulationEvent } from "./simulation-event.ts";

const CHILDREN = 4;
const CAPACITY = 64;

/**
 * The events to come, the next one first: a heap of four children each, whose times and ties stand beside each other, so
 * that looking for a place rarely looks at the events themselves.
 */
export class EventHeap {
  readonly #events: SimulationEvent[] = [];
  #times = new Float64Array(CAPACITY);
  #ties = new Int32Array(CAPACITY);

  get size(): number {
    return this.#events.length;
  }

  /** All of them, in no order. */
  all(): readonly SimulationEvent[] {
    return this.#events;
  }

  peek(): SimulationEvent | undefined {
    return this.#events[0];
  }

  /** When the next one happens; never: there is none. */
  get firstUs(): number {
    return this.#events.length === 0 ? Infinity : (this.#times[0] ?? Infinity);
  }

  push(event: SimulationEvent): void {
    const events = this.#events;
    let at = events.length;
    if (at === this.#times.length) this.#grow();
    events.push(event);
    while (at > 0) {
      const above = (at - 1) >> 2;
      if (!this.#isAfter(above, event)) break;
      this.#move(above, at);
      at = above;
    }
    this.#put(event, at);
  }

  pop(): SimulationEvent | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    const { length } = events;
    if (first === undefined || last === undefined || length === 0) return first;
    let at = 0;
    for (let child = 1; child < length; child = CHILDREN * at + 1) {
      const least = this.#least(child, Math.min(child + CHILDREN, length));
      if (this.#isAfter(least, last)) break;
      this.#move(least, at);
      at = least;
    }
    this.#put(last, at);
    return first;
  }

  /** The place of the next one among those from `from` to before `to`. */
  #least(from: number, to: number): number {
    const times = this.#times;
    const ties = this.#ties;
    let least = from;
    for (let at = from + 1; at < to; at += 1) {
      const time = times[at] ?? 0;
      const leastTime = times[least] ?? 0;
      if (time > leastTime) continue;
      if (time < leastTime) least = at;
      else {
        const tie = ties[at] ?? 0;
        const leastTie = ties[least] ?? 0;
        if (tie < leastTie || (tie === leastTie && this.#orderOf(at) < this.#orderOf(least))) least = at;
      }
    }
    return least;
  }

  /** True if what is at a place happens after the event. */
  #isAfter(at: number, event: SimulationEvent): boolean {
    const time = this.#times[at] ?? 0;
    if (time !== event.timeUs) return time > event.timeUs;
    const tie = this.#ties[at] ?? 0;
    if (tie !== event.tie) return tie > event.tie;
    return this.#orderOf(at) > event.order;
  }

  #orderOf(at: number): number {
    return this.#events[at]?.order ?? 0;
  }

  #move(from: number, to: number): void {
    const event = this.#events[from];
    if (event) this.#events[to] = event;
    this.#times[to] = this.#times[from] ?? 0;
    this.#ties[to] = this.#ties[from] ?? 0;
  }

  #put(event: SimulationEvent, at: number): void {
    this.#events[at] = event;
    this.#times[at] = event.timeUs;
    this.#ties[at] = event.tie;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const ties = new Int32Array(times.length);
    times.set(this.#times);
    ties.set(this.#ties);
    this.#times = times;
    this.#ties = ties;
  }
}
