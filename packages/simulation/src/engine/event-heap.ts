import { type EventTable, FIELD, NO_EVENT } from "./event-table.ts";

const CHILDREN = 4;
const CAPACITY = 64;

/**
 * Pending events, the next one first: a heap with four children a node. Times and ties are stored side by side, so a
 * search for a place rarely touches the events themselves.
 */
export class EventHeap {
  readonly #table: EventTable;
  #size = 0;
  #events = new Int32Array(CAPACITY);
  #times = new Float64Array(CAPACITY);
  #ties = new Int32Array(CAPACITY);

  constructor(table: EventTable) {
    this.#table = table;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns all events, in no order. */
  all(): Iterable<number> {
    return this.#events.subarray(0, this.#size);
  }

  /** Returns the next event, or {@link NO_EVENT} if there is none. */
  peek(): number {
    return this.#size === 0 ? NO_EVENT : (this.#events[0] ?? NO_EVENT);
  }

  /** Time of the next event; `Infinity` if there is none. */
  get firstUs(): number {
    return this.#size === 0 ? Infinity : (this.#times[0] ?? Infinity);
  }

  push(event: number): void {
    let at = this.#size++;
    if (at === this.#times.length) this.#grow();
    while (at > 0) {
      const above = (at - 1) >> 2;
      if (!this.#isAfter(above, event)) break;
      this.#move(above, at);
      at = above;
    }
    this.#put(event, at);
  }

  pop(): number {
    const first = this.peek();
    if (first === NO_EVENT) return first;
    const size = --this.#size;
    if (size === 0) return first;
    const last = this.#events[size] ?? NO_EVENT;
    let at = 0;
    for (let child = 1; child < size; child = CHILDREN * at + 1) {
      const least = this.#least(child, Math.min(child + CHILDREN, size));
      if (this.#isAfter(least, last)) break;
      this.#move(least, at);
      at = least;
    }
    this.#put(last, at);
    return first;
  }

  /** Removes all events for which `isDead` is true. */
  sweep(isDead: (event: number) => boolean): void {
    const size = this.#size;
    this.#size = 0;
    // The rest stays in its order, so a push behind the smaller ones is one comparison for most.
    for (let at = 0; at < size; at += 1) {
      const event = this.#events[at] ?? NO_EVENT;
      if (!isDead(event)) this.push(event);
    }
  }

  /** Returns the place of the next event among the places from `from` up to, but not including, `to`. */
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

  /** Returns true if the event at a place happens after `event`. */
  #isAfter(at: number, event: number): boolean {
    const time = this.#times[at] ?? 0;
    const timeUs = this.#table.timeUs(event);
    if (time !== timeUs) return time > timeUs;
    const tie = this.#ties[at] ?? 0;
    const eventTie = this.#table.get(event, FIELD.tie);
    if (tie !== eventTie) return tie > eventTie;
    return this.#orderOf(at) > this.#table.orderOf(event);
  }

  #orderOf(at: number): number {
    return this.#table.orderOf(this.#events[at] ?? NO_EVENT);
  }

  #move(from: number, to: number): void {
    this.#events[to] = this.#events[from] ?? NO_EVENT;
    this.#times[to] = this.#times[from] ?? 0;
    this.#ties[to] = this.#ties[from] ?? 0;
  }

  #put(event: number, at: number): void {
    this.#events[at] = event;
    this.#times[at] = this.#table.timeUs(event);
    this.#ties[at] = this.#table.get(event, FIELD.tie);
  }

  #grow(): void {
    const events = new Int32Array(this.#events.length * 2);
    const times = new Float64Array(events.length);
    const ties = new Int32Array(events.length);
    events.set(this.#events);
    times.set(this.#times);
    ties.set(this.#ties);
    [this.#events, this.#times, this.#ties] = [events, times, ties];
  }
}
