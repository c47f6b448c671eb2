/**
 * A Merkle radix tree over the hashes of keys. Its shape is a function of its entries alone, whatever order they came
 * in, so equal states have equal roots; a change costs the hashes along one path.
 *
 * A sum or XOR of entry hashes would be cheaper, and unsafe: who may choose keys finds other sets with the same sum
 * (Wagner 2002, the generalised birthday). Here, other entries under the same root are a collision of the hash itself.
 */
import { compareBytes } from "./bytes.ts";

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
const EMPTY = new Uint8Array(HASH_BYTES);

/** First byte of what is hashed, so that one kind cannot pass for another. */
const TAG = { entry: 0, leaf: 1, branch: 2, path: 3, state: 4 } as const;

interface Leaf {
  readonly type: "leaf";
  /** Rows in the order of their paths. */
  readonly rows: Uint8Array;
  hash: Uint8Array | undefined;
}
interface Branch {
  readonly type: "branch";
  readonly children: (Node | undefined)[];
  count: number;
  hash: Uint8Array | undefined;
}
type Node = Leaf | Branch;

/** The tree of one store. */
export class DigestTree {
  readonly #hash: Hash;
  #root: Node | undefined;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** The number of entries. */
  get count(): number {
    return countOf(this.#root);
  }

  /** Sets the entry of a key, or takes it away if there is none. */
  set(key: string, entry: Uint8Array | undefined): void {
    const path = tagged(this.#hash, TAG.path, encoder.encode(key));
    this.#root = entry ? put(this.#root, 0, path, tagged(this.#hash, TAG.entry, entry)) : take(this.#root, 0, path);
  }

  /** The hash of all entries and of `header`, which says what else the state is made of. */
  digest(header: Uint8Array): Uint8Array {
    const state = new Uint8Array(HASH_BYTES + header.length);
    state.set(this.#hashOf(this.#root));
    state.set(header, HASH_BYTES);
    return tagged(this.#hash, TAG.state, state);
  }

  #hashOf(node: Node | undefined): Uint8Array {
    if (!node) return EMPTY;
    if (node.hash) return node.hash;
    if (node.type === "leaf") return (node.hash = tagged(this.#hash, TAG.leaf, node.rows));
    const hashes = new Uint8Array(FANOUT * HASH_BYTES);
    node.children.forEach((child, index) => hashes.set(this.#hashOf(child), index * HASH_BYTES));
    return (node.hash = tagged(this.#hash, TAG.branch, hashes));
  }
}

function tagged(hash: Hash, tag: number, bytes: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + bytes.length);
  input[0] = tag;
  input.set(bytes, 1);
  return new Uint8Array(hash(input)); // a copy: the tree keeps it, and the hash may reuse its buffer
}

function countOf(node: Node | undefined): number {
  if (!node) return 0;
  return node.type === "leaf" ? node.rows.length / ROW_BYTES : node.count;
}

/** Half a byte of a path: which child of a branch at this depth. */
function nibble(path: Uint8Array, depth: number): number {
  const byte = path[depth >> 1] ?? 0;
  return depth % 2 === 0 ? byte >> 4 : byte & 0xf;
}

function leaf(rows: Uint8Array): Leaf {
  return { type: "leaf", rows, hash: undefined };
}

/** Where in a leaf a path stands or belongs, and whether it is there. */
function find(rows: Uint8Array, path: Uint8Array): { readonly offset: number; readonly found: boolean } {
  for (let offset = 0; offset < rows.length; offset += ROW_BYTES) {
    const order = compareBytes(rows.subarray(offset, offset + HASH_BYTES), path);
    if (order >= 0) return { offset, found: order === 0 };
  }
  return { offset: rows.length, found: false };
}

function put(node: Node | undefined, depth: number, path: Uint8Array, entry: Uint8Array): Node {
  if (node?.type === "branch") {
    const index = nibble(path, depth);
    const before = countOf(node.children[index]);
    const child = put(node.children[index], depth + 1, path, entry);
    node.children[index] = child;
    node.count += countOf(child) - before;
    node.hash = undefined;
    return node;
  }
  const rows = node?.rows ?? new Uint8Array(0);
  const { offset, found } = find(rows, path);
  const next = new Uint8Array(found ? rows.length : rows.length + ROW_BYTES);
  next.set(rows.subarray(0, offset));
  next.set(path, offset);
  next.set(entry, offset + HASH_BYTES);
  next.set(rows.subarray(found ? offset + ROW_BYTES : offset), offset + ROW_BYTES);
  return next.length > LEAF_ENTRIES_MAX * ROW_BYTES ? split(next, depth) : leaf(next);
}

/** A branch over rows that are too many for a leaf. Rows are in path order, so each child's stand together. */
function split(rows: Uint8Array, depth: number): Branch {
  const children: (Node | undefined)[] = Array.from({ length: FANOUT }, () => undefined);
  let start = 0;
  while (start < rows.length) {
    const index = nibble(rows.subarray(start, start + HASH_BYTES), depth);
    let end = start + ROW_BYTES;
    while (end < rows.length && nibble(rows.subarray(end, end + HASH_BYTES), depth) === index) end += ROW_BYTES;
    const part = rows.slice(start, end);
    children[index] = part.length > LEAF_ENTRIES_MAX * ROW_BYTES ? split(part, depth + 1) : leaf(part);
    start = end;
  }
  return { type: "branch", children, count: rows.length / ROW_BYTES, hash: undefined };
}

function take(node: Node | undefined, depth: number, path: Uint8Array): Node | undefined {
  if (node?.type === "branch") {
    const index = nibble(path, depth);
    const before = countOf(node.children[index]);
    const child = take(node.children[index], depth + 1, path);
    const after = countOf(child);
    if (after === before) return node;
    node.children[index] = child;
    node.count += after - before;
    node.hash = undefined;
    return node.count > LEAF_ENTRIES_MAX ? node : leaf(gather(node));
  }
  if (!node) return undefined;
  const { offset, found } = find(node.rows, path);
  if (!found) return node;
  if (node.rows.length === ROW_BYTES) return undefined;
  const next = new Uint8Array(node.rows.length - ROW_BYTES);
  next.set(node.rows.subarray(0, offset));
  next.set(node.rows.subarray(offset + ROW_BYTES), offset);
  return leaf(next);
}

/** All rows under a node, in path order. */
function gather(node: Node): Uint8Array {
  if (node.type === "leaf") return node.rows;
  const rows = new Uint8Array(node.count * ROW_BYTES);
  let offset = 0;
  for (const child of node.children) {
    if (!child) continue;
    const part = gather(child);
    rows.set(part, offset);
    offset += part.length;
  }
  return rows;
}
