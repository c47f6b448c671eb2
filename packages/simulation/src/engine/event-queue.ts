import { EventHeap } from "./event-heap.ts";
import { type EventTable, FIELD, NO_EVENT } from "./event-table.ts";

/** Span of the wheel in microseconds, one slot each, at first and once it has grown. Both are powers of two. */
const SLOTS = 2 ** 13;
const SLOTS_MAX = 2 ** 18;
/** Size of the heap at which the wheel grows: a large wheel is slow memory, which costs a small run more than its heap. */
const GROWS_AT = 2_048;
/** Slots whose events are announced together. */
const FORESEEN_SLOTS = 8;
/** Most events of one time that are sorted by insertion. Any further ones go to the heap. */
const SORTED_MAX = 16;

/**
 * Pending events, the next one first.
 *
 * Nearly all events happen within the next 8 ms, or 262 ms on slow links. They lie in a wheel with one slot a microsecond
 * (Varghese, Lauck: "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 4), where each slot is an unordered chain.
 * All other events lie in a heap, and stay there.
 */
export class EventQueue {
  readonly table: EventTable;
  /**
   * Prefetch hook, called with each event shortly before it happens. Several events are announced in a row, so that
   * their cache misses overlap.
   */
  foresee: ((event: number) => void) | undefined;
  readonly #heap: EventHeap;
  #slots: Int32Array = new Int32Array(SLOTS).fill(NO_EVENT);
  /** One bit for each slot that is not empty. */
  #filled = new Int32Array(SLOTS / 32);
  /** One bit for each word of `#filled` that is not 0. */
  #words = new Int32Array(SLOTS / 1024);
  readonly #growsAt: number;
  /** All events in the wheel up to this time have been announced. */
  #foreseenUs = 0;
  #inWheel = 0;
  /** Time of the first event in the wheel; `Infinity` if the wheel is empty. */
  #wheelUs = Infinity;
  /** Events in the wheel happen after this time, and within one span of it. */
  #baseUs = 0;
  /** Events taken from the wheel that happen at `#baseUs`, in order, from `#done` up to, but not including, `#end`. */
  readonly #due = new Int32Array(SORTED_MAX);
  #done = 0;
  #end = 0;

  constructor(table: EventTable, growsAt: number = GROWS_AT) {
    this.table = table;
    this.#growsAt = growsAt;
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

  /** Removes the events of the heap for which `isDead` is true. Those in the wheel are due soon anyway. */
  sweep(isDead: (event: number) => boolean): void {
    this.#heap.sweep(isDead);
  }

  push(event: number): void {
    const timeUs = this.table.timeUs(event);
    const ahead = timeUs - this.#baseUs;
    if (ahead > 0 && ahead < this.#slots.length) {
      this.#put(event, timeUs);
      this.#inWheel += 1;
      if (timeUs < this.#wheelUs) this.#wheelUs = timeUs;
      return;
    }
    this.#heap.push(event);
    // A larger wheel would have taken it.
    if (ahead > 0 && ahead < SLOTS_MAX && this.#heap.size >= this.#growsAt) this.#grow();
  }

  #put(event: number, timeUs: number): void {
    const slot = timeUs & (this.#slots.length - 1);
    const word = slot >> 5;
    this.table.link(event, this.#slots[slot] ?? NO_EVENT);
    this.#slots[slot] = event;
    this.#filled[word] = (this.#filled[word] ?? 0) | (1 << (slot & 31));
    this.#words[word >> 5] = (this.#words[word >> 5] ?? 0) | (1 << (word & 31));
  }

  #clear(slot: number): void {
    const word = slot >> 5;
    this.#slots[slot] = NO_EVENT;
    const left = (this.#filled[word] ?? 0) & ~(1 << (slot & 31));
    this.#filled[word] = left;
    if (left === 0) this.#words[word >> 5] = (this.#words[word >> 5] ?? 0) & ~(1 << (word & 31));
  }

  #grow(): void {
    const chains = this.#slots.filter((event) => event !== NO_EVENT);
    this.#slots = new Int32Array(SLOTS_MAX).fill(NO_EVENT);
    this.#filled = new Int32Array(SLOTS_MAX / 32);
    this.#words = new Int32Array(SLOTS_MAX / 1024);
    for (const first of chains)
      for (let event = first; event !== NO_EVENT; ) {
        const next = this.table.get(event, FIELD.next);
        this.#put(event, this.table.timeUs(event));
        event = next;
      }
  }

  /** Moves the wheel's first slot to the due events. */
  #turn(): void {
    this.#done = 0;
    this.#end = 0;
    this.#baseUs = this.#wheelUs;
    if (this.#baseUs > this.#foreseenUs) this.#foresee();
    const slot = this.#baseUs & (this.#slots.length - 1);
    const first = this.#slots[slot] ?? NO_EVENT;
    this.#clear(slot);
    for (let event = first; event !== NO_EVENT; ) {
      const next = this.table.get(event, FIELD.next);
      if (this.#end < SORTED_MAX) this.#insert(event);
      else this.#heap.push(event);
      this.#inWheel -= 1;
      event = next;
    }
    this.#wheelUs = this.#inWheel === 0 ? Infinity : this.#filledUs(this.#baseUs + 1);
  }

  /** Announces the events of the next few slots. */
  #foresee(): void {
    const { table, foresee } = this;
    let timeUs = this.#baseUs;
    for (let count = 0; count < FORESEEN_SLOTS; count += 1) {
      const first = this.#slots[timeUs & (this.#slots.length - 1)] ?? NO_EVENT;
      for (let event = first; event !== NO_EVENT; event = table.get(event, FIELD.next)) foresee?.(event);
      const next = this.#filledUs(timeUs + 1);
      // Behind the last filled slot, the search begins again at the first.
      if (next <= timeUs || next - this.#baseUs >= this.#slots.length) break;
      timeUs = next;
    }
    this.#foreseenUs = timeUs;
  }

  /** Returns the time of the first filled slot at `fromUs` or later. At least one must be filled. */
  #filledUs(fromUs: number): number {
    const first = fromUs & (this.#slots.length - 1);
    let word = first >> 5;
    let bits = (this.#filled[word] ?? 0) & (-1 << (first & 31));
    if (bits === 0) {
      word = this.#filledWord((word + 1) & (this.#filled.length - 1));
      bits = this.#filled[word] ?? 0;
    }
    const slot = word * 32 + lowest(bits);
    return fromUs + ((slot - first) & (this.#slots.length - 1));
  }

  #filledWord(from: number): number {
    let group = from >> 5;
    let bits = (this.#words[group] ?? 0) & (-1 << (from & 31));
    while (bits === 0) {
      group = (group + 1) & (this.#words.length - 1);
      bits = this.#words[group] ?? 0;
    }
    return group * 32 + lowest(bits);
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

/** Returns the place of the lowest bit that is set. */
function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
