import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ed25519Batch } from "../src/batch/ed25519.ts";
import { hybridBatch } from "../src/batch/hybrid.ts";
import {
  BatchClosedError,
  BatchFailedError,
  BatchFullError,
  type BatchScheme,
  type BatchVerdict,
  batchVerifier,
  type Compute,
  InvalidOptionError,
  type Job,
} from "../src/batch/index.ts";
import { mlDsa65Batch } from "../src/batch/ml-dsa.ts";
import { hybridSignature } from "../src/entries/hybrid.ts";
import { mlDsa65 } from "../src/entries/ml-dsa.ts";
import { ed25519, generateKey, importKey, loadPublicKey, type PublicKey, type SignatureAlgorithm, type SignatureScheme } from "../src/index.ts";
import { bytesOf } from "./compliance.ts";
import vectors from "./vectors/ed25519.json" with { type: "json" };

/** Keeps jobs until they are let go, one by one, in any order. */
class HeldCompute implements Compute {
  readonly held: { readonly job: Job; readonly input: Uint8Array; readonly done: (output: Uint8Array | Error) => void }[] = [];
  cancelled = 0;

  run(job: Job, input: Uint8Array, done: (output: Uint8Array | Error) => void): () => void {
    this.held.push({ job, input, done });
    return () => void (this.cancelled += 1);
  }

  letGo(pick = 0, output?: Uint8Array | Error): void {
    const [{ job, input, done }] = this.held.splice(pick % this.held.length, 1) as [(typeof this.held)[number]];
    done(output ?? job.run(input));
  }
}

const signers = [1, 2, 3].map((seed) => ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(seed))));
const keys = signers.map(({ publicKey }) => loadPublicKey(publicKey));
const forged = { algorithm: "ed25519", keyId: keys[0]!.keyId, toBytes: () => signers[0]!.publicKey } as const;

interface Asked {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: PublicKey;
}

const asked: fc.Arbitrary<Asked> = fc
  .record({ bytes: fc.uint8Array({ maxLength: 30 }), by: fc.nat(2), under: fc.nat(5), flip: fc.option(fc.nat(511)), cut: fc.option(fc.nat(70)) })
  .map(({ bytes, by, under, flip, cut }) => {
    let signature = signers[by]!.sign(bytes);
    if (flip !== null) signature = signature.with(flip >> 3, signature[flip >> 3]! ^ (1 << (flip & 7)));
    if (cut !== null) signature = signature.slice(0, cut);
    return { bytes, signature, key: under === 5 ? forged : keys[under > 2 ? by : under]! };
  });

test("whatever the order in which the port answers: the verdicts of the synchronous path, in the order asked", () => {
  fc.assert(
    fc.property(
      fc.array(asked, { maxLength: 40 }),
      fc.array(fc.nat(9), { minLength: 1 }),
      fc.record({ signaturesMax: fc.integer({ min: 1, max: 9 }), lanes: fc.integer({ min: 1, max: 4 }) }),
      (all, picks, options) => {
        const compute = new HeldCompute();
        const verifier = batchVerifier(compute, ed25519Batch, options);
        const answers: [number, BatchVerdict][] = [];
        for (const [index, { bytes, signature, key }] of all.entries()) {
          const [b, s] = [bytes.slice(), signature.slice()];
          expect(verifier.verify(b, s, key, (verdict) => answers.push([index, verdict]))).toBe(true);
          b.fill(0); // the caller's own again
          s.fill(0);
          expect(compute.held.length).toBeLessThanOrEqual(options.lanes);
          if (picks[index % picks.length]! > 6 && compute.held.length > 0) compute.letGo(index);
        }
        for (let turn = 0; compute.held.length > 0; turn += 1) compute.letGo(picks[turn % picks.length]!);
        expect(answers).toEqual(all.map(({ bytes, signature, key }, index) => [index, ed25519.verify(bytes, signature, key)]));
        expect(verifier.pending).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});

test("hostile signatures: the vectors' verdicts", async () => {
  const inPlace: Compute = { run: (job, input, done) => (done(job.run(input)), () => undefined) };
  const verifier = batchVerifier(inPlace, ed25519Batch);
  for (const { key, message, signature, verdict } of vectors.signatures) {
    expect(await verifier.verified(bytesOf(message), bytesOf(signature), loadPublicKey(bytesOf(key)))).toBe(verdict);
  }
});

test("signatures gather while the lanes are taken", () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1, signaturesMax: 64 });
  const signature = signers[0]!.sign(new Uint8Array(1));
  let answered = 0;
  for (let count = 0; count < 130; count += 1) verifier.verify(new Uint8Array(1), signature, keys[0]!, () => (answered += 1));
  const sizes: number[] = [];
  while (compute.held.length > 0) {
    const before = answered;
    compute.letGo();
    sizes.push(answered - before);
  }
  expect(sizes).toEqual([1, 64, 64, 1]);
});

test("what waits is bounded, in signatures and in bytes; a refused question is never answered", async () => {
  const compute = new HeldCompute();
  const signature = new Uint8Array(64);
  const few = batchVerifier(compute, ed25519Batch, { pendingMax: 3 });
  const answers: BatchVerdict[] = [];
  const taken = [1, 2, 3, 4].map(() => few.verify(new Uint8Array(1), signature, keys[0]!, (verdict) => answers.push(verdict)));
  expect(taken).toEqual([true, true, true, false]);
  await expect(few.verified(new Uint8Array(1), signature, keys[0]!)).rejects.toThrow(BatchFullError);
  while (compute.held.length > 0) compute.letGo();
  expect(answers).toEqual([false, false, false]);
  expect(few.verify(new Uint8Array(1), signature, keys[0]!, () => undefined)).toBe(true);

  const small = batchVerifier(compute, ed25519Batch, { pendingBytesMax: 10 });
  expect([4, 4, 4, 2].map((length) => small.verify(new Uint8Array(length), signature, keys[0]!, () => undefined))).toEqual([true, true, false, true]);
  for (const wrong of [0, -1, 1.5, Number.NaN]) {
    expect(() => batchVerifier(compute, ed25519Batch, { lanes: wrong })).toThrow(InvalidOptionError);
  }
});

test("a port that fails is an error for that batch alone: never a verdict", async () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1 });
  const bytes = new Uint8Array(2);
  const signature = signers[0]!.sign(bytes);
  for (const output of [new Error("the worker died"), new Uint8Array(), new Uint8Array(2)]) {
    const first = verifier.verified(bytes, signature, keys[0]!);
    compute.letGo(0, output);
    await expect(first).rejects.toThrow(BatchFailedError);
  }
  const second = verifier.verified(bytes, signature, keys[0]!);
  compute.letGo();
  expect(await second).toBe(true);
  const broken = batchVerifier({ run: () => { throw new Error("no threads"); } }, ed25519Batch);
  await expect(broken.verified(bytes, signature, keys[0]!)).rejects.toMatchObject({ code: "ERR_BATCH_FAILED", cause: new Error("no threads") });
});

test("closing answers everything that waits, once, and gives the batches up", async () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1 });
  const verdicts: BatchVerdict[] = [];
  for (let count = 0; count < 5; count += 1) verifier.verify(new Uint8Array(1), new Uint8Array(64), keys[0]!, (verdict) => verdicts.push(verdict));
  verifier.close();
  verifier.close();
  compute.letGo(); // too late
  expect(verdicts.length).toBe(5);
  for (const verdict of verdicts) expect(verdict).toBeInstanceOf(BatchClosedError);
  expect(compute.cancelled).toBe(1);
  expect(verifier.verify(new Uint8Array(1), new Uint8Array(64), keys[0]!, () => undefined)).toBe(false);
  await expect(verifier.verified(new Uint8Array(1), new Uint8Array(64), keys[0]!)).rejects.toThrow(BatchClosedError);
});

test("a caller who throws costs nobody else an answer", () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1 });
  const verdicts: BatchVerdict[] = [];
  verifier.verify(new Uint8Array(1), new Uint8Array(64), keys[0]!, () => { throw new Error("mine"); });
  verifier.verify(new Uint8Array(1), signers[0]!.sign(new Uint8Array(1)), keys[0]!, (verdict) => verdicts.push(verdict));
  expect(() => compute.letGo()).toThrow("mine");
  compute.letGo();
  expect(verdicts).toEqual([true]);
});

// A pool as a real world has one: threads that import the job's module by its URL and call it by its name.
const folder = mkdtempSync(join(tmpdir(), "void-batch-"));
const WORKER = `
import { parentPort } from "node:worker_threads";
parentPort.on("message", async ({ module, name, input }) => parentPort.postMessage((await import(module))[name](input)));
`;
const workers: Worker[] = [];

beforeAll(async () => {
  const source = fileURLToPath(new URL("../src/batch/", import.meta.url));
  await build({
    entryPoints: ["ed25519.ts", "ml-dsa.ts", "hybrid.ts"].map((file) => join(source, file)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["void-source"],
  });
  const url = new URL(`data:text/javascript,${encodeURIComponent(WORKER)}`);
  workers.push(new Worker(url), new Worker(url));
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.terminate()));
  rmSync(folder, { recursive: true });
});

/** Sends jobs to the workers in turn; each answers in order. */
function pool(): Compute {
  const waiting: ((output: Uint8Array) => void)[][] = workers.map(() => []);
  for (const [index, worker] of workers.entries()) worker.on("message", (output: Uint8Array) => waiting[index]!.shift()!(output));
  let turn = 0;
  return {
    run(job, input, done) {
      const at = turn++ % workers.length;
      waiting[at]!.push(done);
      const file = job.module.slice(job.module.lastIndexOf("/") + 1).replace(".ts", ".mjs");
      workers[at]!.postMessage({ module: pathToFileURL(join(folder, file)).href, name: job.name, input }, [input.buffer as ArrayBuffer]);
      return () => undefined;
    },
  };
}

async function inThreads<A extends SignatureAlgorithm>(batch: BatchScheme<A>, scheme: SignatureScheme<A>, count: number): Promise<ReadonlySet<boolean>> {
  const verifier = batchVerifier(pool(), batch, { signaturesMax: 8 });
  const all = [1, 2].map(() => scheme.signer(generateKey(scheme.algorithm)));
  const cases = Array.from({ length: count }, (_, index) => {
    const bytes = new Uint8Array(index);
    const signature = all[index % 2]!.sign(bytes);
    return { bytes, signature: index % 3 === 0 ? signature.with(5, signature[5]! ^ 1) : signature, key: scheme.loadPublicKey(all[index % 2]!.publicKey) };
  });
  const verdicts = await Promise.all(cases.map(({ bytes, signature, key }) => verifier.verified(bytes, signature, key)));
  expect(verdicts).toEqual(cases.map(({ bytes, signature, key }) => scheme.verify(bytes, signature, key)));
  for (const worker of workers) worker.removeAllListeners("message");
  return new Set(verdicts);
}

test("worker threads give the verdicts of the synchronous path", async () => {
  const both = new Set([true, false]);
  expect(await inThreads(ed25519Batch, ed25519, 60)).toEqual(both);
  expect(await inThreads(mlDsa65Batch, mlDsa65, 8)).toEqual(both);
  expect(await inThreads(hybridBatch, hybridSignature, 6)).toEqual(both);
});
