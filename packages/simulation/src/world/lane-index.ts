import { type LaneTable, NO_LANE, WORD } from "./lane-table.ts";

const SLOTS = 64;

/**
 * Finds lanes by their ends. It is a hash table of lane numbers with open addressing, at most half full, so one probe
 * is usually enough.
 */
export class LaneIndex {
  readonly #table: LaneTable;
  #size = 0;
  #slots = new Int32Array(SLOTS).fill(NO_LANE);

  constructor(table: LaneTable) {
    this.#table = table;
  }

  /** Adds a lane of the table. */
  add(lane: number): void {
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#grow();
    this.#put(lane);
  }

  /** Returns the number of the lane from one node to another, or {@link NO_LANE} if there is none. */
  find(from: number, to: number): number {
    const table = this.#table;
    const slots = this.#slots;
    const last = slots.length - 1;
    for (let slot = place(from, to) & last; ; slot = (slot + 1) & last) {
      const lane = slots[slot] ?? NO_LANE;
      if (lane === NO_LANE || (table.get(lane, WORD.to) === to && table.get(lane, WORD.from) === from)) return lane;
    }
  }

  #put(lane: number): void {
    const slots = this.#slots;
    const last = slots.length - 1;
    let slot = place(this.#table.get(lane, WORD.from), this.#table.get(lane, WORD.to)) & last;
    while (slots[slot] !== NO_LANE) slot = (slot + 1) & last;
    slots[slot] = lane;
  }

  #grow(): void {
    const slots = this.#slots;
    this.#slots = new Int32Array(slots.length * 2).fill(NO_LANE);
    for (const lane of slots) if (lane !== NO_LANE) this.#put(lane);
  }
}

function place(from: number, to: number): number {
  const hash = Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
