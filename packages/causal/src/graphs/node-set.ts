/** Set of node numbers as bits, so that the set algebra of the papers reads as in the papers and costs a word per 32 nodes. */
export class NodeSet implements Iterable<number> {
  readonly #words: Uint32Array;

  private constructor(words: Uint32Array) {
    this.#words = words;
  }

  /** Returns the set of `members` in a graph of `count` nodes. */
  static of(count: number, members: Iterable<number>): NodeSet {
    const set = new NodeSet(new Uint32Array((count + 31) >>> 5));
    for (const member of members) set.add(member);
    return set;
  }

  /** Adds a node in place. Only the code that made the set may do so. */
  add(node: number): void {
    this.#words[node >>> 5] = (this.#words[node >>> 5] ?? 0) | (1 << (node & 31));
  }

  /** Adds the nodes of another set in place. Only the code that made the set may do so. */
  addAll(other: NodeSet): void {
    for (let at = 0; at < this.#words.length; at++) this.#words[at] = (this.#words[at] ?? 0) | (other.#words[at] ?? 0);
  }

  has(node: number): boolean {
    return (((this.#words[node >>> 5] ?? 0) >>> (node & 31)) & 1) === 1;
  }

  with(node: number): NodeSet {
    const set = new NodeSet(this.#words.slice());
    set.add(node);
    return set;
  }

  without(node: number): NodeSet {
    return this.minus(NodeSet.of(32 * this.#words.length, [node]));
  }

  union(other: NodeSet): NodeSet {
    return new NodeSet(this.#words.map((word, at) => word | (other.#words[at] ?? 0)));
  }

  minus(other: NodeSet): NodeSet {
    return new NodeSet(this.#words.map((word, at) => word & ~(other.#words[at] ?? 0)));
  }

  intersect(other: NodeSet): NodeSet {
    return new NodeSet(this.#words.map((word, at) => word & (other.#words[at] ?? 0)));
  }

  meets(other: NodeSet): boolean {
    return !this.intersect(other).isEmpty();
  }

  isSubsetOf(other: NodeSet): boolean {
    return this.minus(other).isEmpty();
  }

  isEmpty(): boolean {
    return this.#words.every((word) => word === 0);
  }

  get size(): number {
    let size = 0;
    for (const word of this.#words) for (let rest = word; rest !== 0; rest &= rest - 1) size++;
    return size;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (const [at, word] of this.#words.entries()) {
      for (let rest = word; rest !== 0; rest &= rest - 1) yield at * 32 + 31 - Math.clz32(rest & -rest);
    }
  }
}
