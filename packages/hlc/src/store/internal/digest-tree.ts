/**
 * A Merkle radix tree over the hashes of keys. Its shape depends on its entries alone, not on the order in which they came,
 * so equal states have equal roots. A change costs the hashes along one path. Nodes are immutable: a reference to a root
 * keeps the state as it was.
 *
 * A sum or XOR of entry hashes would be cheaper but unsafe: an attacker who can choose keys finds other sets with the same
 * sum (Wagner 2002, the generalised birthday problem). Here, other entries under the same root are a collision of the hash.
 */
import { concat, readUint, uint } from "../../internal/bytes.ts";
import { count } from "./count.ts";
import { HASH_BYTES, type Hash } from "../hash.ts";

/** Memory of the tree per key, in bytes, measured on Node 20. */
export const TREE_BYTES_PER_KEY = 400;

/** Maximum of entries in a leaf. A subtree with more is a branch, any other is a leaf. No other shape exists. */
const LEAF_ENTRIES_MAX = 16;
const FANOUT = 16;
const LENGTH_BYTES = 4;
const encoder = /* @__PURE__ */ new TextEncoder();
const NO_HASH = /* @__PURE__ */ new Uint8Array(HASH_BYTES);

/** First byte of each hashed input, so that one kind cannot pass for another. */
const ENTRY = /* @__PURE__ */ Uint8Array.of(0);
const LEAF = /* @__PURE__ */ Uint8Array.of(1);
const BRANCH = /* @__PURE__ */ Uint8Array.of(2);
const PATH = /* @__PURE__ */ Uint8Array.of(3);
const STATE = /* @__PURE__ */ Uint8Array.of(4);
const HEADER = /* @__PURE__ */ Uint8Array.of(5);

/**
 * An entry in the tree: its path (the hash of its key), its hash, and its length, big-endian. A string of one character
 * per byte, which takes half the memory of a byte array and is compared and indexed as fast.
 */
export type Row = string;

/** A leaf, with rows in the order of their paths and their keys, or a branch with children. */
interface Node {
  readonly rows: readonly Row[];
  readonly keys: readonly string[];
  readonly children?: readonly (Node | undefined)[];
  readonly entries: number;
  /** Length of all entries together. */
  readonly bytes: number;
  /** Computed on demand. */
  hash: Uint8Array | undefined;
}

/** Entries whose bytes form one chunk: all of a subtree, or neighbours in a leaf. */
export interface Bundle {
  readonly hash: Uint8Array;
  /** Returns the keys, in the order of their paths. */
  keys(): readonly string[];
}

/** The tree of one store. */
export class DigestTree {
  readonly #hash: Hash;
  #root: Node | undefined;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** Number of entries. */
  get count(): number {
    return this.#root?.entries ?? 0;
  }

  /** Length of all entries together. */
  get bytes(): number {
    return this.#root?.bytes ?? 0;
  }

  /** Returns the row of an entry. */
  row(key: string, entry: Uint8Array): Row {
    const parts = [this.#path(key), this.#tagged(ENTRY, entry), uint(entry.length, LENGTH_BYTES)];
    return text(concat(parts));
  }

  /** Sets the entry of a key, or removes it if `entry` is undefined. */
  set(key: string, entry: Uint8Array | undefined): void {
    const row = entry && this.row(key, entry);
    this.#root = replace(this.#root, 0, key, row?.slice(0, HASH_BYTES) ?? text(this.#path(key)), row);
  }

  /** Replaces everything. Returns false, and changes nothing, unless the rows have distinct paths in rising order. */
  rebuild(rows: readonly Row[], keys: readonly string[]): boolean {
    if (rows.some((row, index) => index > 0 && (rows[index - 1] ?? "").slice(0, HASH_BYTES) >= row.slice(0, HASH_BYTES))) {
      return false;
    }
    this.#root = build(rows, keys, 0);
    return true;
  }

  /** Returns the hash of all entries and of `header`, which holds the rest of the state. */
  digest(header: Uint8Array): Uint8Array {
    return this.#tagged(STATE, this.root(), header);
  }

  /** Returns the hash of all entries. */
  root(): Uint8Array {
    return this.#hashOf(this.#root);
  }

  /** Returns the hash of a snapshot's header, which precedes the entries. */
  headerHash(header: Uint8Array): Uint8Array {
    return this.#tagged(HEADER, header);
  }

  /** Returns all entries in bundles of at most `bytesMax`, or of one larger entry, in the order of their paths. */
  bundles(bytesMax: number): Bundle[] {
    const nodes: Node[] = [];
    const add = (node: Node | undefined): void => {
      if (!node) return;
      if (node.bytes <= bytesMax) nodes.push(node);
      else if (node.children) node.children.forEach(add);
      else nodes.push(...cut(node, bytesMax));
    };
    add(this.#root);
    return nodes.map((node) => ({ hash: this.#hashOf(node), keys: () => gather(node).keys }));
  }

  /**
   * Returns the hash of a node. A branch with one child has the child's hash, so that a subtree has the same hash at
   * any depth.
   */
  #hashOf(node: Node | undefined): Uint8Array {
    if (!node) return NO_HASH;
    if (node.hash) return node.hash;
    const { children, rows } = node;
    const only = children?.filter((child) => child);
    if (only?.length === 1) node.hash = this.#hashOf(only[0]);
    else if (children) node.hash = this.#tagged(BRANCH, ...children.map((child) => this.#hashOf(child)));
    else node.hash = this.#tagged(LEAF, bytesOf(rows.join("")));
    return node.hash;
  }

  #path(key: string): Uint8Array {
    return this.#tagged(PATH, encoder.encode(key));
  }

  #tagged(...parts: readonly Uint8Array[]): Uint8Array {
    // A copy, because the tree keeps it and the hash may reuse its buffer.
    return concat([this.#hash(concat(parts))]);
  }
}

/** Returns the node with the row of `path` inserted or replaced or, without a row, removed. */
function replace(
  node: Node | undefined,
  depth: number,
  key: string,
  path: string,
  row: Row | undefined,
): Node | undefined {
  if (node?.children) {
    const index = nibble(path, depth);
    const before = node.children[index];
    const after = replace(before, depth + 1, key, path, row);
    const children = node.children.slice();
    children[index] = after;
    const changed = branch(children);
    if (changed.entries > LEAF_ENTRIES_MAX) return changed;
    const { rows, keys } = gather(changed);
    return build(rows, keys, depth);
  }
  const { rows = [], keys = [] } = node ?? {};
  // A row is greater than its path, because it begins with it.
  const at = count(rows.length, (index) => (rows[index] ?? "") < path);
  const rest = keys[at] === key ? at + 1 : at;
  const put = <T>(list: readonly T[], item: T): T[] => [...list.slice(0, at), ...(row ? [item] : []), ...list.slice(rest)];
  return build(put(rows, row ?? ""), put(keys, key), depth);
}

/** Builds the only shape that rows in path order have at a depth: nothing, a leaf, or a branch. */
function build(rows: readonly Row[], keys: readonly string[], depth: number): Node | undefined {
  if (rows.length <= LEAF_ENTRIES_MAX) return rows.length > 0 ? leaf(rows, keys) : undefined;
  let end = 0;
  const children = Array.from({ length: FANOUT }, (_, index) => {
    const start = end;
    while (end < rows.length && nibble(rows[end] ?? "", depth) === index) end += 1;
    return build(rows.slice(start, end), keys.slice(start, end), depth + 1);
  });
  return branch(children);
}

function leaf(rows: readonly Row[], keys: readonly string[]): Node {
  let bytes = 0;
  for (const row of rows) bytes += entryLength(row);
  return { rows, keys, entries: rows.length, bytes, hash: undefined };
}

function branch(children: readonly (Node | undefined)[]): Node {
  let entries = 0;
  let bytes = 0;
  for (const child of children) {
    entries += child?.entries ?? 0;
    bytes += child?.bytes ?? 0;
  }
  return { rows: [], keys: [], children, entries, bytes, hash: undefined };
}

/** Splits a leaf into leaves of at most `bytesMax`, or of one larger entry, each as long as possible. */
function cut({ rows, keys }: Node, bytesMax: number): Node[] {
  const leaves: Node[] = [];
  for (let start = 0; start < rows.length; ) {
    let end = start;
    let bytes = 0;
    do bytes += entryLength(rows[end++] ?? "");
    while (end < rows.length && bytes + entryLength(rows[end] ?? "") <= bytesMax);
    leaves.push(leaf(rows.slice(start, end), keys.slice(start, end)));
    start = end;
  }
  return leaves;
}

/** Returns all rows and keys under a node, in path order. */
function gather(node: Node | undefined): Pick<Node, "rows" | "keys"> {
  if (!node?.children) return node ?? { rows: [], keys: [] };
  const parts = node.children.map(gather);
  return { rows: parts.flatMap((part) => part.rows), keys: parts.flatMap((part) => part.keys) };
}

function entryLength(row: Row): number {
  return readUint(bytesOf(row.slice(-LENGTH_BYTES)));
}

/** Returns half a byte of a path: the index of the child at this depth. */
function nibble(path: string, depth: number): number {
  const byte = path.charCodeAt(depth >> 1);
  return depth % 2 === 0 ? byte >> 4 : byte & 0xf;
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function bytesOf(characters: string): Uint8Array {
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index);
  return bytes;
}
