import { requireMethod, requireOptions } from "../arguments.ts";
import { isBytes, typeNameOf } from "../bytes.ts";
import { BatchClosedError, BatchFailedError, BatchFullError, InvalidOptionError } from "../errors.ts";
import type { PublicKey } from "../keys/public-key.ts";
import type { SignatureAlgorithm } from "../keys/algorithm.ts";
import type { BatchScheme } from "./batch-scheme.ts";
import type { Compute } from "./compute.ts";
import { type BatchItem, encodeBatch } from "./format.ts";

/** Bounds of a batch verifier. */
export interface BatchOptions {
  /** Maximum of signatures in one batch. @defaultValue 64 */
  readonly signaturesMax?: number;
  /** Maximum of batches in flight: the number of threads of the port. @defaultValue 2 */
  readonly lanes?: number;
  /** Maximum of signatures waiting for a verdict, those in flight included. @defaultValue 4,096 */
  readonly pendingMax?: number;
  /**
   * Maximum of message bytes waiting, those in flight included. A longer message is never accepted. @defaultValue 16
   * MiB
   */
  readonly pendingBytesMax?: number;
}

/** A verdict on a signature, or the reason why there is none. */
export type BatchVerdict = boolean | BatchFailedError | BatchClosedError;

/**
 * Verifies signatures elsewhere, many at a time, and reports verdicts in the order of the calls. A batch that the port
 * never answers therefore holds back all later ones. There is no timer, so a port must answer every job, if need be
 * with an error.
 */
export interface BatchVerifier<A extends SignatureAlgorithm> {
  /** Number of signatures waiting for a verdict. */
  readonly pending: number;
  /**
   * Verifies that `signature` is a signature of `bytes` under `key`, with the verdict of the scheme itself. `bytes` and
   * `signature` are copied. `done` is called once, and before this method returns only if the port answers at once.
   *
   * @returns `false` if the verifier is full or closed; `done` is then never called.
   */
  verify(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A>, done: (verdict: BatchVerdict) => void): boolean;
  /**
   * Verifies like {@link BatchVerifier.verify}, with the verdict as a promise. Rejects with {@link BatchFullError},
   * {@link BatchFailedError} or {@link BatchClosedError}.
   */
  verified(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A>): Promise<boolean>;
  /** Cancels the batches in flight. Every waiting signature gets a {@link BatchClosedError}. */
  close(): void;
}

/** A call, and its verdict once it is known. */
interface Entry {
  /** Undefined if there is nothing to verify, because the verdict is false. */
  readonly item: BatchItem | undefined;
  readonly done: (verdict: BatchVerdict) => void;
  verdict: BatchVerdict | undefined;
}

/**
 * Verifies signatures on a compute port, such as a pool of worker threads. While a lane is free, a signature is sent at
 * once. While none is, signatures gather and are sent together. So batches grow with the load and need no timer, which
 * lets a simulated world replay them.
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
 * @throws {@link InvalidOptionError} for a bound that is unknown or not a whole number of at least 1, or for what is no port or
 * batch scheme.
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
  /** In the order of the calls; the head is reported first. */
  #entries: Entry[] = [];
  /** Not sent yet: the tail of the entries that need the port. */
  #waiting: { readonly item: BatchItem; readonly entry: Entry }[] = [];
  readonly #underWay: Set<() => void> = new Set();
  /** The bytes of each key. Items of one key share them, and so does their batch. */
  readonly #keys: WeakMap<PublicKey<A>, Uint8Array> = new WeakMap();
  #bytes = 0;
  #closed = false;
  #answering = false;
  #sending = false;

  constructor(compute: Compute, scheme: BatchScheme<A>, options: BatchOptions) {
    requireMethod("a compute port", compute, "run");
    requireMethod("a batch scheme, such as ed25519Batch", scheme, "isLoaded");
    requireOptions(options, ["signaturesMax", "lanes", "pendingMax", "pendingBytesMax"]);
    this.#compute = compute;
    this.#scheme = scheme;
    const { signaturesMax = 64, lanes = 2, pendingMax = 4_096, pendingBytesMax = 16 * 1_024 * 1_024 } = options;
    this.#options = {
      signaturesMax: atLeastOne("signaturesMax", signaturesMax),
      lanes: atLeastOne("lanes", lanes),
      pendingMax: atLeastOne("pendingMax", pendingMax),
      pendingBytesMax: atLeastOne("pendingBytesMax", pendingBytesMax),
    };
  }

  get pending(): number {
    return this.#entries.length;
  }

  verify(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A>, done: (verdict: BatchVerdict) => void): boolean {
    if (typeof done !== "function") throw new InvalidOptionError("a function for the verdict", typeNameOf(done));
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

  /**
   * Copies a call. Returns undefined for one whose verdict can only be false, which then holds no memory while it
   * waits.
   */
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

  /**
   * Fills the free lanes. If a port answers before its `run` returns, this loop sends the next batch, without
   * recursion.
   */
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
      if (!this.#sending) this.#answer(); // otherwise the caller that is sending reports next
    };
    try {
      cancel = this.#compute.run(this.#scheme.job, input, settle);
    } catch (error) {
      settle(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /**
   * Reports verdicts from the head, as far as they are known. A nested call from a callback waits for this loop, so
   * that the order holds. An error thrown by a callback is rethrown at the end, after the other verdicts have been
   * reported.
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

/**
 * Returns the failure of a port whose output is not one 0 or 1 for each signature. Such an output never becomes a
 * verdict.
 */
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

/** Runs all actions even if some throw, then rethrows the first error. */
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
