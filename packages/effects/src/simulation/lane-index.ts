import { type LaneTable, WORD } from "./lane-table.ts";

const SLOTS = 64;

/** Finds lanes by their ends: a hash table of lane numbers with open addressing, half empty, so that it takes one look. */
export class LaneIndex {
  readonly #table: LaneTable;
  #size = 0;
  /** One more than the number of a lane; 0: none. */
  #slots = new Int32Array(SLOTS);

  constructor(table: LaneTable) {
    this.#table = table;
  }

  /** Takes in a lane that is in the table. */
  add(lane: number): void {
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#grow();
    this.#put(lane);
  }

  /** The number of the lane between the nodes of these indices; -1: there is none. */
  find(from: number, to: number): number {
    const table = this.#table;
    const slots = this.#slots;
    const last = slots.length - 1;
    for (let slot = place(from, to) & last; ; slot = (slot + 1) & last) {
      const lane = (slots[slot] ?? 0) - 1;
      if (lane < 0 || (table.get(lane, WORD.to) === to && table.get(lane, WORD.from) === from)) return lane;
    }
  }

  #put(lane: number): void {
    const slots = this.#slots;
    const last = slots.length - 1;
    let slot = place(this.#table.get(lane, WORD.from), this.#table.get(lane, WORD.to)) & last;
    while (slots[slot] !== 0) slot = (slot + 1) & last;
    slots[slot] = lane + 1;
  }

  #grow(): void {
    const grown = this.#slots;
    this.#slots = new Int32Array(grown.length * 2);
    for (const number of grown) if (number > 0) this.#put(number - 1);
  }
}

function place(from: number, to: number): number {
  const hash = Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
