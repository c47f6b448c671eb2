import { readObjects, readOptions } from "../arguments.ts";
import { InvalidCountsError, quote } from "../errors.ts";

/** More failed causes than this at once are one pattern, {@link MANY}: hardly two such moments are alike. */
export const PATTERN_CAUSES_MAX = 12;
/** Most buckets of an origin; the oldest are dropped. */
export const BUCKETS_MAX = 1_000;
/** Most patterns of a bucket; further ones count as {@link MANY}. */
export const PATTERNS_MAX = 50_000;
/** Most origins whose buckets are kept. */
export const ORIGINS_MAX = 10_000;
/** In place of the names of failed causes: too many failed at once. */
export const MANY = "many";

/** Counts of a node while exactly these causes had failed. */
export interface FailurePattern {
  /** Node that the counts are of. */
  readonly node: string;
  /** The causes that had failed, sorted by name. */
  readonly failedCauses: readonly string[] | typeof MANY;
  /** Times that the node had failed. */
  readonly failed: number;
  /** Times that it had not. */
  readonly healthy: number;
}

/** Counts of one origin in a span of time: plain data that JSON can carry, for gossip. */
export interface FailureBucket {
  /** Node that counted. */
  readonly origin: string;
  /** Begin of the span, a multiple of the bucket's length, in milliseconds. */
  readonly startMs: number;
  /** Counts so far. Only the origin adds to its bucket, so that the higher version is the newer one. */
  readonly version: number;
  /** Counts of the bucket. */
  readonly patterns: readonly FailurePattern[];
}

/** Options of {@link FailureCounts}. */
export interface FailureCountsOptions {
  /** Name of the node that counts. Every node that gossips needs a name of its own. @defaultValue "local" */
  readonly origin?: string;
  /** Length of a bucket. @defaultValue 3,600,000: an hour */
  readonly bucketMs?: number;
}

/** Weight of old counts when they are read. */
export interface Decay {
  /** The time of reading, in milliseconds. */
  readonly nowMs: number;
  /** A bucket of this age weighs half. */
  readonly halfLifeMs: number;
}

/** A pattern, with counts weighed by their age. */
export interface WeighedPattern {
  /** Causes that had failed. */
  readonly failedCauses: readonly string[] | typeof MANY;
  /** Weight of the observations in which the node had failed. */
  readonly failed: number;
  /** Weight of the observations in which it had not. */
  readonly healthy: number;
}

interface Count {
  readonly node: string;
  readonly failedCauses: readonly string[] | typeof MANY;
  failed: number;
  healthy: number;
}

interface Bucket {
  version: number;
  patterns: number;
  readonly byNode: Map<string, Map<string, Count>>;
}

/**
 * Counts of nodes' failures under failures of their causes, which {@link CausalGraph.learn} reads. Buckets of many
 * origins merge in any order, any number of times, and come out the same: the newest of an origin's bucket wins.
 *
 * @example
 * ```ts
 * import { CausalGraph, FailureCounts } from "@void-system/causal";
 * const counts = new FailureCounts({ origin: "node-1" });
 * counts.record("API", true, ["Database"], 0);
 * counts.record("API", false, [], 1_000);
 * const other = new FailureCounts({ origin: "node-2" });
 * other.merge(counts.buckets());
 * other.version("node-1", 0); // => 2
 * new CausalGraph().addEdge("Database", "API", 0.5).learn(other).edges[0]?.strength.value.toFixed(2); // => "0.75"
 * ```
 */
export class FailureCounts {
  readonly #origin: string;
  readonly #bucketMs: number;
  readonly #origins = new Map<string, Map<number, Bucket>>();
  #current: { readonly startMs: number; readonly bucket: Bucket } | undefined;

  /** @throws {@link UnknownOptionError} for an unknown option; {@link InvalidCountsError} for an empty origin or a bucket that is no span of time. */
  constructor(options: FailureCountsOptions = {}) {
    readOptions("counts", options, ["origin", "bucketMs"]);
    this.#origin = checkName("an origin", options.origin ?? "local");
    this.#bucketMs = options.bucketMs ?? 3_600_000;
    if (!Number.isSafeInteger(this.#bucketMs) || this.#bucketMs < 1) {
      throw new InvalidCountsError(`expected bucketMs to be a whole number of milliseconds above 0, got ${quote(this.#bucketMs)}`);
    }
  }

  /**
   * Counts one look at a node: whether it had failed, and which of its causes had.
   *
   * @throws {@link InvalidCountsError} for names or times that are none.
   */
  record(node: string, hasFailed: boolean, failedCauses: readonly string[], timeMs: number): void {
    if (typeof timeMs !== "number") throw new InvalidCountsError(`expected a finite time, got ${quote(timeMs)}`);
    const startMs = Math.floor(timeMs / this.#bucketMs) * this.#bucketMs;
    if (this.#current?.startMs !== startMs) {
      if (!Number.isFinite(startMs)) throw new InvalidCountsError(`expected a finite time, got ${quote(timeMs)}`);
      this.#current = { startMs, bucket: this.#bucketOf(this.#origin, startMs) };
    }
    const { bucket } = this.#current;
    const count = countOf(bucket, node, failedCauses);
    if (hasFailed) count.failed++;
    else count.healthy++;
    bucket.version++;
  }

  /** The version of an origin's bucket here, 0 if it is not here: what a peer needs to know to send only what is newer. */
  version(origin: string, startMs: number): number {
    return this.#origins.get(origin)?.get(startMs)?.version ?? 0;
  }

  /** Every bucket, as plain data. */
  buckets(): readonly FailureBucket[] {
    return [...this.#origins].flatMap(([origin, buckets]) =>
      [...readObjects("buckets", buckets)].map(([startMs, { version, byNode }]) => ({
        origin,
        startMs,
        version,
        patterns: [...byNode.values()].flatMap((counts) => [...counts.values()].map((count) => ({ ...count }))),
      })),
    );
  }

  /**
   * Takes in buckets of others: of two of the same origin and time, the one with the higher version stays.
   *
   * @throws {@link InvalidCountsError} for data that are no buckets. Nothing is taken in then.
   */
  merge(buckets: Iterable<FailureBucket>): void {
    const checked = [...readObjects("buckets", buckets)].map((bucket) => ({ ...bucket, read: readBucket(bucket) }));
    for (const { origin, startMs, version, read } of checked) {
      if (version <= this.version(origin, startMs)) continue;
      this.#put(origin, startMs, read);
      if (origin === this.#origin) this.#current = undefined;
    }
  }

  /** The patterns that were seen of a node, over all origins; with a decay, each count weighs by its bucket's age. */
  patternsOf(node: string, decay?: Decay): readonly WeighedPattern[] {
    const merged = new Map<string, { failedCauses: WeighedPattern["failedCauses"]; failed: number; healthy: number }>();
    for (const buckets of this.#origins.values()) {
      for (const [startMs, { byNode }] of buckets) {
        const weight = decay ? 0.5 ** (Math.max(0, decay.nowMs - startMs) / decay.halfLifeMs) : 1;
        for (const [key, { failedCauses, failed, healthy }] of byNode.get(node) ?? []) {
          const sum = merged.get(key) ?? { failedCauses, failed: 0, healthy: 0 };
          sum.failed += weight * failed;
          sum.healthy += weight * healthy;
          merged.set(key, sum);
        }
      }
    }
    return [...merged.values()];
  }

  #bucketOf(origin: string, startMs: number): Bucket {
    return this.#origins.get(origin)?.get(startMs) ?? this.#put(origin, startMs, { version: 0, patterns: 0, byNode: new Map() });
  }

  #put(origin: string, startMs: number, bucket: Bucket): Bucket {
    const buckets = this.#origins.get(origin) ?? new Map<number, Bucket>();
    if (!this.#origins.has(origin) && this.#origins.size >= ORIGINS_MAX) {
      throw new InvalidCountsError(`expected at most ${ORIGINS_MAX} origins, got one more: ${quote(origin)}`);
    }
    this.#origins.set(origin, buckets.set(startMs, bucket));
    if (buckets.size > BUCKETS_MAX) buckets.delete([...buckets.keys()].reduce((oldest, start) => Math.min(oldest, start)));
    return bucket;
  }
}

function countOf(bucket: Bucket, node: string, failedCauses: readonly string[] | typeof MANY): Count {
  let counts = bucket.byNode.get(node);
  if (!counts) bucket.byNode.set(checkName("a node", node), (counts = new Map()));
  let names: readonly string[] | typeof MANY = failedCauses === MANY || (failedCauses?.length ?? 0) > PATTERN_CAUSES_MAX ? MANY : failedCauses;
  if (names !== MANY) {
    if (!Array.isArray(names)) throw new InvalidCountsError(`expected the failed causes as an array, got ${quote(names)}`);
    for (const name of names) if (typeof name !== "string") checkName("a cause", name);
  }
  if (names !== MANY && names.length > 1) names = names.toSorted();
  // No name has the character 0, so that the key is one of one set of names.
  const known = counts.get(keyOf(names));
  if (known) return known;
  if (names !== MANY) for (const name of names) checkName("a cause", name);
  if (bucket.patterns >= PATTERNS_MAX && names !== MANY) return countOf(bucket, node, MANY);
  bucket.patterns++;
  const count: Count = { node, failedCauses: names === MANY ? MANY : [...names], failed: 0, healthy: 0 };
  counts.set(keyOf(names), count);
  return count;
}

function keyOf(names: readonly string[] | typeof MANY): string {
  if (names === MANY) return "\0";
  return names.length === 1 ? (names[0] ?? "") : names.join("\0");
}

function readBucket(bucket: FailureBucket): Bucket {
  checkName("an origin", bucket.origin);
  if (!Number.isFinite(bucket.startMs) || !Number.isSafeInteger(bucket.version) || bucket.version < 0 || !Array.isArray(bucket.patterns)) {
    throw new InvalidCountsError(`expected a bucket with startMs, version and patterns, got ${quote(bucket)}`);
  }
  const read: Bucket = { version: bucket.version, patterns: 0, byNode: new Map() };
  for (const { node, failedCauses, failed, healthy } of readObjects("patterns", bucket.patterns)) {
    if (failedCauses !== MANY && !Array.isArray(failedCauses)) throw new InvalidCountsError(`expected failedCauses to be names or "${MANY}", got ${quote(failedCauses)}`);
    for (const count of [failed, healthy]) {
      if (!Number.isSafeInteger(count) || count < 0) throw new InvalidCountsError(`expected counts to be whole numbers, got ${quote(count)}`);
    }
    const count = countOf(read, node, failedCauses);
    count.failed += failed;
    count.healthy += healthy;
  }
  return read;
}

function checkName(what: string, name: unknown): string {
  if (typeof name === "string" && name.length > 0 && !name.includes("\0")) return name;
  throw new InvalidCountsError(`expected ${what} to be a name without the character 0, got ${quote(name)}`);
}
