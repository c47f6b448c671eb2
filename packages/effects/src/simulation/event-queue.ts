import { EventHeap } from "./event-heap.ts";
import { before, type SimulationEvent } from "./simulation-event.ts";

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
  readonly #heap = new EventHeap();
  readonly #slots: (SimulationEvent | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  /** A bit for each slot that is not empty. */
  readonly #filled = new Int32Array(SLOTS / 32);
  #inWheel = 0;
  /** When the first one of the wheel happens; never: it is empty. */
  #wheelUs = Infinity;
  /** What is in the wheel happens after this, by less than its span. */
  #baseUs = 0;
  /** What was in the wheel and happens at `#baseUs`, in order, from `#done` on. */
  readonly #due: SimulationEvent[] = [];
  #done = 0;

  get size(): number {
    return this.#heap.size + this.#inWheel + this.#due.length - this.#done;
  }

  /** All of them, in no order. */
  all(): readonly SimulationEvent[] {
    const all = [...this.#due.slice(this.#done), ...this.#heap.all()];
    for (const first of this.#slots) for (let event = first; event; event = event.next) all.push(event);
    return all;
  }

  peek(): SimulationEvent | undefined {
    const heap = this.#heap;
    if (this.#done === this.#due.length) {
      if (this.#wheelUs > heap.firstUs || this.#inWheel === 0) return heap.peek();
      this.#turn();
    }
    const due = this.#due[this.#done];
    if (heap.firstUs > this.#baseUs) return due;
    const other = heap.peek();
    return due && other && before(other, due) ? other : due;
  }

  pop(): SimulationEvent | undefined {
    const event = this.peek();
    if (event === undefined) return undefined;
    if (event === this.#due[this.#done]) this.#done += 1;
    else {
      this.#heap.pop();
      if (this.#done === this.#due.length) this.#baseUs = Math.max(this.#baseUs, event.timeUs);
    }
    return event;
  }

  push(event: SimulationEvent): void {
    const { timeUs } = event;
    const ahead = timeUs - this.#baseUs;
    if (ahead > 0 && ahead < SLOTS) {
      const slot = timeUs & LAST;
      event.next = this.#slots[slot];
      this.#slots[slot] = event;
      this.#filled[slot >> 5] = (this.#filled[slot >> 5] ?? 0) | (1 << (slot & 31));
      this.#inWheel += 1;
      if (timeUs < this.#wheelUs) this.#wheelUs = timeUs;
    } else this.#heap.push(event);
  }

  /** What the wheel holds first is due. */
  #turn(): void {
    this.#due.length = 0;
    this.#done = 0;
    this.#baseUs = this.#wheelUs;
    const slot = this.#baseUs & LAST;
    for (let event = this.#slots[slot]; event; ) {
      const { next } = event;
      event.next = undefined;
      if (this.#due.length < SORTED_MAX) this.#insert(event);
      else this.#heap.push(event);
      this.#inWheel -= 1;
      event = next;
    }
    this.#slots[slot] = undefined;
    this.#filled[slot >> 5] = (this.#filled[slot >> 5] ?? 0) & ~(1 << (slot & 31));
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

  #insert(event: SimulationEvent): void {
    const due = this.#due;
    let at = due.length;
    for (; at > 0; at -= 1) {
      const earlier = due[at - 1];
      if (!earlier || before(earlier, event)) break;
      due[at] = earlier;
    }
    due[at] = event;
  }
}
