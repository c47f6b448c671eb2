/** Nodes in one part of a list. */
const PART_NODES = 4_096;

/** Nodes that only captures need, in parts, so that no step of its growth is long. */
class Retired {
  readonly #parts: Int32Array[] = [];
  #last = PART_NODES;

  push(node: number): void {
    let part = this.#parts.at(-1);
    if (!part || this.#last === PART_NODES) {
      part = new Int32Array(PART_NODES);
      this.#parts.push(part);
      this.#last = 0;
    }
    part[this.#last++] = node;
  }

  each(visit: (node: number) => void): void {
    for (const [index, part] of this.#parts.entries()) {
      const end = index === this.#parts.length - 1 ? this.#last : PART_NODES;
      for (const node of part.subarray(0, end)) visit(node);
    }
  }
}

/** An open capture: the epoch whose nodes it may reach, and those that left the trie while it was the newest. */
interface Open {
  readonly epoch: number;
  readonly retired: Retired;
}

/**
 * The open captures of a trie. A node that leaves the trie goes to the newest capture, which passes it to the one before
 * if that can reach it as well, or frees it.
 */
export class Captures {
  readonly #open: Open[] = [];
  readonly #free: (node: number) => void;
  readonly #birthOf: (node: number) => number;
  /** Rises with each capture, and so separates the nodes made before it from those made after it. */
  epoch = 1;
  /** Epoch of the newest open capture: nodes born up to it are shared. 0 without a capture. */
  newest = 0;

  /** @param birthOf - Returns the epoch in which a node was made. */
  constructor(free: (node: number) => void, birthOf: (node: number) => number) {
    this.#free = free;
    this.#birthOf = birthOf;
  }

  /** Opens a capture. Returns its end; a second call of it does nothing. */
  open(): () => void {
    const capture: Open = { epoch: this.epoch, retired: new Retired() };
    this.#open.push(capture);
    this.newest = this.epoch++;
    return () => this.#close(capture);
  }

  /** Keeps a shared node that has left the trie. */
  retire(node: number): void {
    this.#open.at(-1)?.retired.push(node);
  }

  #close(capture: Open): void {
    const index = this.#open.indexOf(capture);
    if (index < 0) return;
    this.#open.splice(index, 1);
    this.newest = this.#open.at(-1)?.epoch ?? 0;
    const before = this.#open[index - 1];
    capture.retired.each((node) => {
      if (before && this.#birthOf(node) <= before.epoch) before.retired.push(node);
      else this.#free(node);
    });
  }
}
