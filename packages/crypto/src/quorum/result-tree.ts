/**
 * The tree of a batch's results: a replica signs its root once, and each client gets its own result with the path to it.
 * A node is the digest of its two children, a leaf that has no sibling moves up as it is.
 */
import { ByteWriter } from "@void-system/bytes";
import { PROTOCOL } from "./statements.ts";

/** SHA-256, or a function as strong. */
export type Digest = (bytes: Uint8Array) => Uint8Array;

/** The result of one request. */
export interface CommittedResult {
  /** The client that signed the request. */
  readonly client: string;
  /** The client's number of the request. */
  readonly number: number;
  /** SHA-256 of the statement of the request: what was asked. */
  readonly request: Uint8Array;
  /** Fate of the request, as a number of the protocol. */
  readonly status: number;
  /** The result. */
  readonly result: Uint8Array;
}

const DIGEST_BYTES = 32;
/** One step of a path: the side of the sibling, and its digest. */
const STEP_BYTES = 1 + DIGEST_BYTES;
/** Longest path, in bytes: a batch has at most 2^16 requests. */
export const RESULT_PATH_BYTES_MAX: number = 16 * STEP_BYTES;

const LEAF = /* @__PURE__ */ new TextEncoder().encode(`${PROTOCOL} result\0`);
const NODE = /* @__PURE__ */ new TextEncoder().encode(`${PROTOCOL} node\0`);
const LEFT = 0;
const RIGHT = 1;

/** The tree of a batch's results. */
export interface ResultTree {
  /** The digest that stands for all results. */
  readonly root: Uint8Array;
  /** The path from each leaf to the root: for each step a byte, 0 for a sibling on the left and 1 on the right, and its digest. */
  readonly paths: readonly Uint8Array[];
}

/** Returns the leaf of a result. */
export function resultLeaf({ client, number, request, status, result }: CommittedResult, digest: Digest): Uint8Array {
  const writer = new ByteWriter(256 + result.length).raw(LEAF).ascii(client).u53(number).raw(request);
  return digest(writer.u8(status).block(result).finish());
}

/**
 * Returns the tree over the leaves of a batch, at least one.
 *
 * @example
 * ```ts
 * import { digest, foldResult, resultLeaf, resultTree } from "@void-system/crypto";
 * const result = { client: "a", number: 1, request: new Uint8Array(32), status: 0, result: new Uint8Array(1) };
 * const leaves = [1, 2, 3].map((number) => resultLeaf({ ...result, number }, digest));
 * const { root, paths } = resultTree(leaves, digest);
 * foldResult(leaves[2]!, paths[2]!, digest); // => root
 * ```
 */
export function resultTree(leaves: readonly Uint8Array[], digest: Digest): ResultTree {
  const steps = leaves.map((): Uint8Array[] => []);
  /** The subtrees of a level: the digest of each, and the range of its leaves. */
  let level = leaves.map((leaf, from) => ({ leaf, from, to: from + 1 }));
  while (level.length > 1) {
    const above: typeof level = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at], level[at + 1]];
      if (left === undefined || right === undefined) {
        above.push(...level.slice(at));
        continue;
      }
      for (let index = left.from; index < left.to; index += 1) steps[index]?.push(Uint8Array.of(RIGHT, ...right.leaf));
      for (let index = right.from; index < right.to; index += 1) steps[index]?.push(Uint8Array.of(LEFT, ...left.leaf));
      above.push({ leaf: nodeOf(left.leaf, right.leaf, digest), from: left.from, to: right.to });
    }
    level = above;
  }
  return { root: level[0]?.leaf ?? new Uint8Array(DIGEST_BYTES), paths: steps.map(joined) };
}

/** Returns the root to which a path leads from a leaf, or undefined if the bytes are no path. */
export function foldResult(leaf: Uint8Array, path: Uint8Array, digest: Digest): Uint8Array | undefined {
  if (path.length % STEP_BYTES !== 0 || path.length > RESULT_PATH_BYTES_MAX) return undefined;
  let root = leaf;
  for (let at = 0; at < path.length; at += STEP_BYTES) {
    const side = path[at];
    const sibling = path.subarray(at + 1, at + STEP_BYTES);
    if (side !== LEFT && side !== RIGHT) return undefined;
    root = side === LEFT ? nodeOf(sibling, root, digest) : nodeOf(root, sibling, digest);
  }
  return root;
}

function nodeOf(left: Uint8Array, right: Uint8Array, digest: Digest): Uint8Array {
  return digest(new ByteWriter(NODE.length + 2 * DIGEST_BYTES).raw(NODE).raw(left).raw(right).finish());
}

function joined(steps: readonly Uint8Array[]): Uint8Array {
  const path = new Uint8Array(steps.length * STEP_BYTES);
  for (const [at, step] of steps.entries()) path.set(step, at * STEP_BYTES);
  return path;
}
