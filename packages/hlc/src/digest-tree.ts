/**
 * A Merkle radix tree over the hashes of keys. Its shape is a function of its entries alone, whatever order they came
 * in, so equal states have equal roots; a change costs the hashes along one path.
 *
 * A sum or XOR of entry hashes would be cheaper, and unsafe: who may choose keys finds other sets with the same sum
 * (Wagner 2002, the generalised birthday). Here, other entries under the same root are a collision of the hash itself.
 */
import { compareBytes, concat } from "./bytes.ts";
import { count } from "./count.ts";

/** A collision-resistant hash of 32 bytes, such as SHA-256: bytes in, 32 bytes out. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** Length of a hash, in bytes. */
export const HASH_BYTES = 32;

/** Most entries in a leaf. A subtree with more is a branch, with as many or fewer a leaf: no other shape exists. */
const LEAF_ENTRIES_MAX = 16;
/** Bytes of an entry in a leaf: its path (the hash of its key), then the hash of itself. */
const ROW_BYTES = HASH_BYTES * 2;
const FANOUT = 16;
const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/** First byte of what is hashed, so that one kind cannot pass for another. */
const ENTRY = 0;
const LEAF = 1;
const BRANCH = 2;
const PATH = 3;
const STATE = 4;

/** Either a leaf, with rows in the order of their paths, or a branch over children. */
interface Node {
  readonly rows: Uint8Array;
  readonly children?: (Node | undefined)[];
  entries: number;
  hash: Uint8Array | undefined;
}

/** The tree of one store. */
export class DigestTree {
  readonly #hash: Hash;
  #root: Node | undefined;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** The number of entries. */
  get count(): number {
    return this.#root?.entries ?? 0;
  }

  /** Sets the entry of a key, or takes it away if there is none. */
  set(key: string, entry: Uint8Array | undefined): void {
    const path = this.#tagged(PATH, encoder.encode(key));
    this.#root = replace(this.#root, 0, path, entry ? concat([path, this.#tagged(ENTRY, entry)]) : NOTHING);
  }

  /** The hash of all entries and of `header`, which says what else the state is made of. */
  digest(header: Uint8Array): Uint8Array {
    return this.#tagged(STATE, this.#hashOf(this.#root), header);
  }

  #hashOf(node: Node | undefined): Uint8Array {
    if (!node) return new Uint8Array(HASH_BYTES);
    return (node.hash ??= node.children
      ? this.#tagged(BRANCH, ...node.children.map((child) => this.#hashOf(child)))
      : this.#tagged(LEAF, node.rows));
  }

  #tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
    return concat([this.#hash(concat([[tag], ...parts]))]); // a copy: the tree keeps it, and the hash may reuse its buffer
  }
}

/** The node with the row of `path` put in, exchanged, or (if `row` is empty) taken out. Branches are changed in place. */
function replace(node: Node | undefined, depth: number, path: Uint8Array, row: Uint8Array): Node | undefined {
  if (node?.children) {
    const index = nibble(path, 0, depth);
    const before = node.children[index];
    node.entries -= before?.entries ?? 0;
    const after = replace(before, depth + 1, path, row);
    node.children[index] = after;
    node.entries += after?.entries ?? 0;
    node.hash = undefined;
    return node.entries > LEAF_ENTRIES_MAX ? node : build(gather(node), depth);
  }
  const rows = node?.rows ?? NOTHING;
  const compare = (index: number): number =>
    compareBytes(rows.subarray(index * ROW_BYTES, index * ROW_BYTES + HASH_BYTES), path);
  const index = count(rows.length / ROW_BYTES, (each) => compare(each) < 0);
  const rest = compare(index) === 0 ? index + 1 : index;
  return build(concat([rows.subarray(0, index * ROW_BYTES), row, rows.subarray(rest * ROW_BYTES)]), depth);
}

/** The one shape that rows in path order have at a depth: nothing, a leaf, or a branch. */
function build(rows: Uint8Array, depth: number): Node | undefined {
  const entries = rows.length / ROW_BYTES;
  if (entries <= LEAF_ENTRIES_MAX) return entries > 0 ? { rows, entries, hash: undefined } : undefined;
  let end = 0;
  const children = Array.from({ length: FANOUT }, (_, index) => {
    const start = end;
    while (end < rows.length && nibble(rows, end, depth) === index) end += ROW_BYTES;
    return build(rows.slice(start, end), depth + 1);
  });
  return { rows: NOTHING, children, entries, hash: undefined };
}

/** Half a byte of the path at an offset: which child of a branch at this depth. */
function nibble(bytes: Uint8Array, offset: number, depth: number): number {
  const byte = bytes[offset + (depth >> 1)] ?? 0;
  return depth % 2 === 0 ? byte >> 4 : byte & 0xf;
}

/** All rows under a node, in path order. */
function gather(node: Node | undefined): Uint8Array {
  return node?.children ? concat(node.children.map(gather)) : (node?.rows ?? NOTHING);
}
