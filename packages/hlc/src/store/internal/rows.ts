/** Rows of one part of a table, as a power of two. */
const PART_BITS = 12;
const PART_ROWS = 4_096;
/** Rows of the first part at first. It doubles up to a whole part. */
const FIRST_ROWS = 8;

/**
 * A table of rows of whole numbers outside the heap. It grows by parts, so that no step copies more than one of them. A row
 * is named by its number, from 1 on; 0 is none.
 */
export class Rows {
  readonly #width: number;
  readonly #parts: Int32Array[] = [];
  readonly #bytes: Uint8Array[] = [];
  /** Rows that were ever in use, and row 0. */
  #used = 1;
  /** Newest of the rows that were given back. Its first word names the next. */
  #free = 0;

  /** @param width - Words of 32 bits in a row. */
  constructor(width: number) {
    this.#width = width;
    this.#place(0, FIRST_ROWS);
  }

  /** Memory of all parts, in bytes. */
  get bytes(): number {
    return this.#bytes.reduce((sum, part) => sum + part.length, 0);
  }

  /** Returns a row, whose words may have any values. */
  add(): number {
    const row = this.#free;
    if (row !== 0) {
      this.#free = this.get(row, 0);
      return row;
    }
    const part = this.#used >>> PART_BITS;
    const have = (this.#parts[part]?.length ?? 0) / this.#width;
    if ((this.#used & (PART_ROWS - 1)) >= have) this.#place(part, part === 0 ? have * 2 : PART_ROWS);
    return this.#used++;
  }

  /** Gives a row back. */
  remove(row: number): void {
    this.set(row, 0, this.#free);
    this.#free = row;
  }

  /** Returns a word of a row. */
  get(row: number, word: number): number {
    return this.#parts[row >>> PART_BITS]?.[(row & (PART_ROWS - 1)) * this.#width + word] ?? 0;
  }

  /** Sets a word of a row. */
  set(row: number, word: number, value: number): void {
    const part = this.#parts[row >>> PART_BITS];
    if (part) part[(row & (PART_ROWS - 1)) * this.#width + word] = value;
  }

  /** Sets neighbouring words of a row. */
  fill(row: number, value: number, word: number, end: number): void {
    const first = (row & (PART_ROWS - 1)) * this.#width;
    this.#parts[row >>> PART_BITS]?.fill(value, first + word, first + end);
  }

  /** Copies a row to another. */
  copy(from: number, to: number): void {
    for (let word = 0; word < this.#width; word++) this.set(to, word, this.get(from, word));
  }

  /** Copies bytes into a row, from a word on. */
  write(row: number, word: number, bytes: Uint8Array): void {
    this.#bytes[row >>> PART_BITS]?.set(bytes, ((row & (PART_ROWS - 1)) * this.#width + word) * 4);
  }

  /** Copies `length` bytes of a row, from a word on. */
  read(row: number, word: number, length: number, target: Uint8Array, at: number): void {
    const first = ((row & (PART_ROWS - 1)) * this.#width + word) * 4;
    const part = this.#bytes[row >>> PART_BITS];
    if (part) target.set(part.subarray(first, first + length), at);
  }

  #place(part: number, rows: number): void {
    const words = new Int32Array(rows * this.#width);
    const before = this.#parts[part];
    if (before) words.set(before);
    this.#parts[part] = words;
    this.#bytes[part] = new Uint8Array(words.buffer);
  }
}
