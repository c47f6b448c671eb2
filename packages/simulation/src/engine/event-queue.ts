import { EventHeap } from "./event-heap.ts";
import { type EventTable, FIELD, NO_EVENT } from "./event-table.ts";

/** Span of the wheel in microseconds, one slot each; a power of two. */
const SLOTS = 8192;
const LAST = SLOTS - 1;
/** Most events of one time that are sorted by insertion. Any further ones go to the heap. */
const SORTED_MAX = 16;

/**
 * Pending events, the next one first.
 *
 * Nearly all events happen within the next 8 ms. They lie in a wheel with one slot a microsecond (Varghese, Lauck:
 * "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 4), where each slot is an unordered chain. All other
 * events lie in a heap, and stay there.
 */
export class EventQueue {
  readonly table: EventTable;
  /**
   * Prefetch hook, called with each event shortly before it happens. Several events are announced in a row, so that
   * their cache misses overlap.
   */
  foresee: ((event: number) => void) | undefined;
  readonly #heap: EventHeap;
  readonly #slots: Int32Array = new Int32Array(SLOTS).fill(NO_EVENT);
  /** One bit for each slot that is not empty. */
  readonly #filled = new Int32Array(SLOTS / 32);
  #inWheel = 0;
  /** Time of the first event in the wheel; `Infinity` if the wheel is empty. */
  #wheelUs = Infinity;
  /** Events in the wheel happen after this time, and within one span of it. */
  #baseUs = 0;
  /** Events taken from the wheel that happen at `#baseUs`, in order, from `#done` up to, but not including, `#end`. */
  readonly #due = new Int32Array(SORTED_MAX);
  #done = 0;
  #end = 0;

  constructor(table: EventTable) {
    this.table = table;
    this.#heap = new EventHeap(table);
  }

  get size(): number {
    return this.#heap.size + this.#inWheel + this.#end - this.#done;
  }

  /** Returns all events, in no order. */
  all(): readonly number[] {
    const all = [...this.#due.subarray(this.#done, this.#end), ...this.#heap.all()];
    for (const first of this.#slots)
      for (let event = first; event !== NO_EVENT; event = this.table.get(event, FIELD.next)) all.push(event);
    return all;
  }

  /** Returns the next event, or {@link NO_EVENT} if there is none. */
  peek(): number {
    const heap = this.#heap;
    if (this.#done === this.#end) {
      if (this.#wheelUs > heap.firstUs || this.#inWheel === 0) return heap.peek();
      this.#turn();
    }
    const due = this.#due[this.#done] ?? NO_EVENT;
    if (heap.firstUs > this.#baseUs) return due;
    const other = heap.peek();
    return this.table.before(other, due) ? other : due;
  }

  pop(): number {
    const event = this.peek();
    if (event === NO_EVENT) return event;
    if (this.#done < this.#end && event === this.#due[this.#done]) this.#done += 1;
    else {
      this.#heap.pop();
      if (this.#done === this.#end) this.#baseUs = Math.max(this.#baseUs, this.table.timeUs(event));
    }
    return event;
  }

  push(event: number): void {
    const timeUs = this.table.timeUs(event);
    const ahead = timeUs - this.#baseUs;
    if (ahead > 0 && ahead < SLOTS) {
      const slot = timeUs & LAST;
      this.table.link(event, this.#slots[slot] ?? NO_EVENT);
      this.#slots[slot] = event;
      this.#filled[slot >> 5] = (this.#filled[slot >> 5] ?? 0) | (1 << (slot & 31));
      this.#inWheel += 1;
      if (timeUs < this.#wheelUs) this.#wheelUs = timeUs;
    } else this.#heap.push(event);
  }

  /** Moves the wheel's first slot to the due events. */
  #turn(): void {
    this.#done = 0;
    this.#end = 0;
    this.#baseUs = this.#wheelUs;
    const slot = this.#baseUs & LAST;
    const first = this.#slots[slot] ?? NO_EVENT;
    this.#slots[slot] = NO_EVENT;
    this.#filled[slot >> 5] = (this.#filled[slot >> 5] ?? 0) & ~(1 << (slot & 31));
    for (let event = first; event !== NO_EVENT; event = this.table.get(event, FIELD.next)) this.foresee?.(event);
    for (let event = first; event !== NO_EVENT; ) {
      const next = this.table.get(event, FIELD.next);
      if (this.#end < SORTED_MAX) this.#insert(event);
      else this.#heap.push(event);
      this.#inWheel -= 1;
      event = next;
    }
    this.#wheelUs = this.#inWheel === 0 ? Infinity : this.#nextFilledUs();
  }

  #nextFilledUs(): number {
    const first = (this.#baseUs + 1) & LAST;
    let word = first >> 5;
    let bits = (this.#filled[word] ?? 0) & (-1 << (first & 31));
    while (bits === 0) {
      word = (word + 1) & (SLOTS / 32 - 1);
      bits = this.#filled[word] ?? 0;
    }
    const slot = word * 32 + 31 - Math.clz32(bits & -bits);
    return this.#baseUs + 1 + ((slot - first) & LAST);
  }

  #insert(event: number): void {
    const due = this.#due;
    let at = this.#end++;
    for (; at > 0; at -= 1) {
      const earlier = due[at - 1] ?? NO_EVENT;
      if (this.table.before(earlier, event)) break;
      due[at] = earlier;
    }
    due[at] = event;
  }
}
