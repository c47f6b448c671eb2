import { EventHeap } from "./event-heap.ts";
import { type EventTable, FIELD, NO_EVENT } from "./event-table.ts";

/** Microseconds that the wheel spans, a slot each; a power of two. */
const SLOTS = 8192;
const LAST = SLOTS - 1;
/** Events of one time that are put in order by insertion; the heap does it for more. */
const SORTED_MAX = 16;

/**
 * The events to come, the next one first. Those of the next 8 ms, which are nearly all, lie in a wheel of a slot a
 * microsecond (Varghese, Lauck: "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 4), each slot a chain in no
 * order; the others lie in a heap, and stay there.
 */
export class EventQueue {
  readonly table: EventTable;
  /**
   * Hears of each event shortly before it happens, of several one after the other, so that what they need is fetched
   * into the cache at once rather than by turns.
   */
  foresee: ((event: number) => void) | undefined;
  readonly #heap: EventHeap;
  readonly #slots: Int32Array = new Int32Array(SLOTS).fill(NO_EVENT);
  /** A bit for each slot that is not empty. */
  readonly #filled = new Int32Array(SLOTS / 32);
  #inWheel = 0;
  /** When the first one of the wheel happens; never: it is empty. */
  #wheelUs = Infinity;
  /** What is in the wheel happens after this, by less than its span. */
  #baseUs = 0;
  /** What was in the wheel and happens at `#baseUs`, in order, from `#done` to before `#end`. */
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

  /** All of them, in no order. */
  all(): readonly number[] {
    const all = [...this.#due.subarray(this.#done, this.#end), ...this.#heap.all()];
    for (const first of this.#slots)
      for (let event = first; event !== NO_EVENT; event = this.table.get(event, FIELD.next)) all.push(event);
    return all;
  }

  /** The next one; {@link NO_EVENT}: there is none. */
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

  /** What the wheel holds first is due. */
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
