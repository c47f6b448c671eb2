/** Unit of allocation, in bytes. */
const UNIT_BYTES = 256;
/** Bytes of a slab. */
const SLAB_BYTES = 2 ** 20;
/** Bits of a block's first unit in its place; the others are those of the slab. */
const UNIT_BITS = 12;
const UNIT_MASK = 0xfff;
/** Bytes of the first slab at first. It doubles up to a whole slab. */
const FIRST_BYTES = 4_096;
/** Up to so many units, blocks have every size. Longer ones have powers of two. */
const EXACT_UNITS = 18;
/** Units that a block may have more than it needs. */
const SLACK_UNITS = 2;
/** Longest block of a shared slab, in units. A longer one has a slab of its own, which is let go with it. */
const SHARED_UNITS = SLAB_BYTES / UNIT_BYTES / 4;
const NONE = -1;
const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

/**
 * Memory for pages outside the heap, in blocks of units. A block is named by its place: the number of its slab, and its
 * first unit there. Blocks that are given back serve later ones of the same size. Allocation may replace the first
 * slab, so `bytes` and `view` must be read again after it.
 */
export class Slabs {
  readonly #bytes: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  /** Newest free block of each size. Its first word names the next. */
  readonly #free = new Int32Array(SHARED_UNITS + 1).fill(NONE);
  /** Slabs of a single block that were let go. */
  readonly #vacant: number[] = [];
  #current = 0;
  /** Units of the current slab that were ever in use. */
  #used = 0;

  constructor() {
    this.#place(0, new Uint8Array(FIRST_BYTES));
  }

  /** Memory of all slabs, in bytes. */
  get size(): number {
    return this.#bytes.reduce((sum, slab) => sum + slab.length, 0);
  }

  /** Returns the bytes of the slab of a block. */
  bytes(place: number): Uint8Array {
    return this.#bytes[place >>> UNIT_BITS] ?? NO_BYTES;
  }

  /** Returns a view of the slab of a block. */
  view(place: number): DataView {
    const view = this.#views[place >>> UNIT_BITS];
    if (!view) throw new RangeError("no such slab");
    return view;
  }

  /** Returns the first byte of a block in its slab. */
  offset(place: number): number {
    return (place & UNIT_MASK) * UNIT_BYTES;
  }

  /**
   * Returns the units of a block that holds so many bytes: those of the block that has them now, if it is hardly larger. A block that
   * grows gets a unit more than it needs, so that not every insertion moves a page.
   */
  unitsFor(bytes: number, now: number = 0): number {
    const needed = Math.ceil(bytes / UNIT_BYTES);
    if (needed <= now && now <= EXACT_UNITS && now - needed <= SLACK_UNITS) return now;
    const units = now > 0 && needed > now && needed < EXACT_UNITS ? needed + 1 : needed;
    if (units <= EXACT_UNITS || units > SHARED_UNITS) return units;
    return 2 ** (32 - Math.clz32(units - 1));
  }

  /** Allocates a block of as many units as {@link Slabs.unitsFor} returned, and returns its place. */
  allocate(units: number): number {
    if (units > SHARED_UNITS) {
      const slab = this.#vacant.pop() ?? this.#bytes.length;
      this.#place(slab, new Uint8Array(units * UNIT_BYTES));
      return slab << UNIT_BITS;
    }
    const free = this.#free[units] ?? NONE;
    if (free !== NONE) {
      this.#free[units] = this.view(free).getInt32(this.offset(free));
      return free;
    }
    const end = (this.#used + units) * UNIT_BYTES;
    if (end > SLAB_BYTES) {
      this.#current = this.#bytes.length;
      this.#used = 0;
      this.#place(this.#current, new Uint8Array(SLAB_BYTES));
    } else {
      const slab = this.#bytes[this.#current] ?? NO_BYTES;
      if (end > slab.length) {
        const larger = new Uint8Array(Math.min(SLAB_BYTES, Math.max(slab.length * 2, 2 ** (32 - Math.clz32(end - 1)))));
        larger.set(slab);
        this.#place(this.#current, larger);
      }
    }
    const place = (this.#current << UNIT_BITS) | this.#used;
    this.#used += units;
    return place;
  }

  /** Gives a block back. */
  release(place: number, units: number): void {
    if (units > SHARED_UNITS) {
      const slab = place >>> UNIT_BITS;
      this.#place(slab, NO_BYTES);
      this.#vacant.push(slab);
      return;
    }
    this.view(place).setInt32(this.offset(place), this.#free[units] ?? NONE);
    this.#free[units] = place;
  }

  #place(slab: number, bytes: Uint8Array): void {
    this.#bytes[slab] = bytes;
    this.#views[slab] = new DataView(bytes.buffer);
  }
}
