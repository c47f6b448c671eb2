import { isBytes, typeNameOf } from "../bytes.ts";
import { BatchClosedError, BatchFailedError, BatchFullError, InvalidOptionError } from "../errors.ts";
import type { PublicKey } from "../keys/public-key.ts";
import type { SignatureAlgorithm } from "../keys/algorithm.ts";
import type { BatchScheme } from "./batch-scheme.ts";
import type { Compute } from "./compute.ts";
import { type BatchItem, encodeBatch } from "./format.ts";

/** Bounds of a batch verifier. */
export interface BatchOptions {
  /** Most signatures in one batch. @defaultValue 64 */
  readonly signaturesMax?: number;
  /** How many batches may be under way: as many as the port has threads. @defaultValue 2 */
  readonly lanes?: number;
  /** Most signatures that may wait for their verdict, those under way included. @defaultValue 4,096 */
  readonly pendingMax?: number;
  /** Most bytes of messages that may wait, those under way included: no longer one is ever taken. @defaultValue 16 MiB */
  readonly pendingBytesMax?: number;
}

/** What a verdict may be: whether the signature holds, or why nobody knows. */
export type BatchVerdict = boolean | BatchFailedError | BatchClosedError;

/**
 * Verifies signatures elsewhere, many at a time; answers in the order in which it was asked. So a batch that the port
 * never answers holds back all that were asked later: there is no timer here, a port must answer, with an error if with
 * nothing else.
 */
export interface BatchVerifier<A extends SignatureAlgorithm> {
  /** How many signatures wait for their verdict. */
  readonly pending: number;
  /**
   * Asks whether `signature` is one of `bytes` under `key`; the verdict is the scheme's own. `bytes` and `signature` are
   * copied. `done` is called once, before this returns only if the port answers at once.
   *
   * @returns `false` if it cannot take more (or was closed): then `done` is never called.
   */
  verify(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A>, done: (verdict: BatchVerdict) => void): boolean;
  /**
   * The same as a promise. It rejects with {@link BatchFullError}, {@link BatchFailedError} or {@link BatchClosedError}.
   */
  verified(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A>): Promise<boolean>;
  /** Gives up what is under way: everything that waits is answered with {@link BatchClosedError}. */
  close(): void;
}

/** A question, and its answer once there is one. */
interface Entry {
  /** Undefined if there is nothing to verify: the answer is no. */
  readonly item: BatchItem | undefined;
  readonly done: (verdict: BatchVerdict) => void;
  verdict: BatchVerdict | undefined;
}

/**
 * Verifies signatures on a compute port, such as a pool of worker threads. While a lane is free a signature leaves at
 * once; while none is, signatures gather and leave together: batches are as large as the load is, without a timer, so that
 * a simulated world replays them.
 *
 * @example
 * ```ts
 * import { batchVerifier, type Compute, ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
 * import { ed25519Batch } from "@void-system/crypto/batch/ed25519";
 *
 * const later: Compute = {
 *   run(job, input, done) {
 *     const timer = setTimeout(() => done(job.run(input))); // a pool would import job.module in a worker
 *     return () => clearTimeout(timer);
 *   },
 * };
 * const verifier = batchVerifier(later, ed25519Batch);
 * const signer = ed25519.signer(generateKey("ed25519"));
 * const key = loadPublicKey(signer.publicKey);
 * const vote = new TextEncoder().encode("vote/1: commit 7");
 * await Promise.all([verifier.verified(vote, signer.sign(vote), key), verifier.verified(vote, new Uint8Array(64), key)]); // => [true, false]
 * ```
 * @throws {@link InvalidOptionError} for a bound that is no whole number of at least 1.
 */
export function batchVerifier<A extends SignatureAlgorithm>(
  compute: Compute,
  scheme: BatchScheme<A>,
  options: BatchOptions = {}
): BatchVerifier<A> {
  return new Batches(compute, scheme, options);
}

class Batches<A extends SignatureAlgorithm> implements BatchVerifier<A> {
  readonly #compute: Compute;
  readonly #scheme: BatchScheme<A>;
  readonly #options: Required<BatchOptions>;
  /** In the order asked; those at the head are answered first. */
  #entries: Entry[] = [];
  /** Those that have not left yet: the tail of the entries that need the port. */
  #waiting: { readonly item: BatchItem; readonly entry: Entry }[] = [];
  readonly #underWay: Set<() => void> = new Set();
  /** The bytes of each key, once: items of one key share them, and so does their batch. */
  readonly #keys: WeakMap<PublicKey<A>, Uint8Array> = new WeakMap();
  #bytes = 0;
  #closed = false;
  #answering = false;
  #sending = false;

  constructor(compute: Compute, scheme: BatchScheme<A>, options: BatchOptions) {
    this.#compute = compute;
    this.#scheme = scheme;
    this.#options = {
      signaturesMax: atLeastOne("signaturesMax", options.signaturesMax ?? 64),
      lanes: atLeastOne("lanes", options.lanes ?? 2),
      pendingMax: atLeastOne("pendingMax", options.pendingMax ?? 4_096),
      pendingBytesMax: atLeastOne("pendingBytesMax", options.pendingBytesMax ?? 16 * 1_024 * 1_024),
    };
  }

  get pending(): number {
    return this.#entries.length;
  }

  verify(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A>, done: (verdict: BatchVerdict) => void): boolean {
    const { pendingMax, pendingBytesMax } = this.#options;
    const length = isBytes(bytes) ? bytes.length : 0;
    if (this.#closed || this.#entries.length >= pendingMax || this.#bytes + length > pendingBytesMax) return false;
    const item = this.#itemOf(bytes, signature, key);
    const entry: Entry = { item, done, verdict: item === undefined ? false : undefined };
    this.#entries.push(entry);
    this.#bytes += bytesHeld(entry);
    if (item !== undefined) this.#waiting.push({ item, entry });
    this.#send();
    this.#answer();
    return true;
  }

  verified(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const taken = this.verify(bytes, signature, key, (verdict) => {
        if (typeof verdict === "boolean") resolve(verdict);
        else reject(verdict);
      });
      if (!taken) reject(this.#closed ? new BatchClosedError() : new BatchFullError(this.#entries.length, this.#bytes));
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const lanes = [...this.#underWay];
    this.#underWay.clear();
    this.#waiting = [];
    for (const entry of this.#entries) entry.verdict ??= new BatchClosedError();
    allOf([...lanes, () => this.#answer()]);
  }

  /** Copies a question; undefined for one that can only be answered with no, which holds no memory while it waits. */
  #itemOf(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A>): BatchItem | undefined {
    const { signatureBytes } = this.#scheme;
    if (!isBytes(bytes) || !isBytes(signature) || signature.length !== signatureBytes) return undefined;
    if (!this.#scheme.isLoaded(key)) return undefined;
    return { bytes: new Uint8Array(bytes), signature: new Uint8Array(signature), key: this.#bytesOf(key) };
  }

  #bytesOf(key: PublicKey<A>): Uint8Array {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const bytes = key.toBytes();
    this.#keys.set(key, bytes);
    return bytes;
  }

  /** Fills the free lanes. A port that answers before its `run` returns is answered by this loop, not by a deeper one. */
  #send(): void {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#waiting.length > 0 && this.#underWay.size < this.#options.lanes) this.#sendBatch();
    } finally {
      this.#sending = false;
    }
  }

  #sendBatch(): void {
    const batch = this.#waiting.splice(0, this.#options.signaturesMax);
    const input = encodeBatch(
      batch.map(({ item }) => item),
      this.#scheme
    );
    let settled = false;
    let cancel = (): void => undefined;
    const lane = (): void => cancel();
    this.#underWay.add(lane);
    const settle = (output: Uint8Array | Error): void => {
      if (settled || this.#closed) return;
      settled = true;
      this.#underWay.delete(lane);
      judge(
        batch.map(({ entry }) => entry),
        output
      );
      this.#send();
      if (!this.#sending) this.#answer(); // else whoever sends answers next
    };
    try {
      cancel = this.#compute.run(this.#scheme.job, input, settle);
    } catch (error) {
      settle(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /**
   * Answers from the head as far as verdicts are known; a caller who asks again meanwhile waits for the turn of the loop,
   * so that the order holds. What a caller throws comes out at the end: the others are owed their answers first.
   */
  #answer(): void {
    if (this.#answering) return;
    this.#answering = true;
    const thrown: unknown[] = [];
    for (let [entry] = this.#entries; entry?.verdict !== undefined; [entry] = this.#entries) {
      this.#entries.shift();
      this.#bytes -= bytesHeld(entry);
      try {
        entry.done(entry.verdict);
      } catch (error) {
        thrown.push(error);
      }
    }
    this.#answering = false;
    if (thrown.length > 0) throw thrown[0];
  }
}

function judge(batch: readonly Entry[], output: Uint8Array | Error): void {
  const failure = failureOf(batch, output);
  for (const [index, entry] of batch.entries())
    entry.verdict = failure ?? (!(output instanceof Error) && output[index] === 1);
}

/** Whatever a port answers that is not one 0 or 1 for each signature is its failure, and no verdict. */
function failureOf(batch: readonly Entry[], output: Uint8Array | Error): BatchFailedError | undefined {
  if (output instanceof Error) return new BatchFailedError("an error of the port", { cause: output });
  if (!isBytes(output)) return new BatchFailedError(typeNameOf(output));
  if (output.length !== batch.length)
    return new BatchFailedError(`${output.length} verdicts for ${batch.length} signatures`);
  const odd = output.find((verdict) => verdict > 1);
  return odd === undefined ? undefined : new BatchFailedError(`${odd} for a verdict, which is 0 or 1`);
}

function bytesHeld({ item }: Entry): number {
  return item === undefined ? 0 : item.bytes.length;
}

/** Runs all, though some may throw; the first error comes out at the end. */
function allOf(actions: readonly (() => void)[]): void {
  const thrown: unknown[] = [];
  for (const action of actions) {
    try {
      action();
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) throw thrown[0];
}

function atLeastOne(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidOptionError(`${name} of at least 1, a whole number`, `${value}`);
}
